#!/bin/bash
# Runs a service where no systemd is, as its unit and drop-ins say: user, environment, what comes before,
# the command, restarts. SIGTERM stops it in good order; its exit status is left in /run/unit.status.
#   unit.sh UNIT
set -euo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
files=("/etc/systemd/system/$1" "/etc/systemd/system/$1.d"/*.conf)
stopping='' main=''

setting() { sed -n "s/^$1=//p" "${files[@]}"; }

# What the files of variables hold now.
environment() {
  local name
  for name in $(setting EnvironmentFile); do
    if [[ "$name" == -* ]] && [ ! -e "${name#-}" ]; then continue; fi
    cat "${name#-}"
  done
}

stop() {
  stopping=yes
  if [ -n "$main" ]; then kill -TERM "$main" || true; fi
}

# A signal ends "wait", not what is waited for.
finish() {
  local status=0
  wait "$1" || status=$?
  while kill -0 "$1" 2> /dev/null; do
    status=0
    wait "$1" || status=$?
  done
  echo "$status" > /run/unit.status
}

trap stop TERM
trap 'rm -f /run/unit.pid' EXIT
echo $$ > /run/unit.pid
user=$(setting User)
state=/var/lib/$(setting StateDirectory)
install -d -o "$user" -g "$user" "$state"
cd "$state"
umask "$(setting UMask)"
read -ra before <<< "$(setting ExecStartPre | sed 's/^+//')"
read -ra command <<< "$(setting ExecStart)"
while [ -z "$stopping" ]; do
  if "${before[@]}"; then
    mapfile -t variables < <(environment)
    setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs \
      env -i PATH="$PATH" "${variables[@]}" "${command[@]}" &
    main=$!
    if [ -n "$stopping" ]; then stop; fi
    finish "$main"
    main=''
  fi
  if [ -z "$stopping" ]; then sleep "$(setting RestartSec)"; fi
done
