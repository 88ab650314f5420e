#!/bin/bash
# Turns this mount namespace into a machine whose folders are those below FOLDER, and runs COMMAND there.
#   unshare --mount machine.sh FOLDER COMMAND [ARGUMENT ...]
set -euo pipefail
root=$1
shift
# The last one is a mount of its own, as the disk for the data is.
for folder in etc opt run usr/local/sbin var/lib var/lib/tidelog; do
  if [ -d "$root/$folder" ]; then mount --bind "$root/$folder" "/$folder"; fi
done
exec "$@"
