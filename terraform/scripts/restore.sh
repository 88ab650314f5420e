#!/bin/bash
# Brings etcd back from a snapshot when two or more members are lost for good, or what is in them is
# wrong. Everything stops meanwhile, and what was decided after the snapshot is lost: topics created,
# partitions moved. Records are not in etcd.
#
#   restore.sh            list snapshots, the newest last
#   restore.sh SNAPSHOT   restore s3://BUCKET/etcd/MEMBER/TIME.db on all members
set -euo pipefail
# shellcheck source=SCRIPTDIR/operations.sh
. "$(dirname "${BASH_SOURCE[0]}")/operations.sh"
read_operations
bucket=$(operation .bucket)
if [ $# = 0 ]; then
  # Sorted here: the query of the command line sees one page of the list at a time.
  aws s3api list-objects-v2 --bucket "$bucket" --prefix etcd/ --output json |
    jq -r --arg bucket "$bucket" '[.Contents[]? | select(.Key | endswith(".db"))] | sort_by(.LastModified)[-20:][]
      | [.LastModified, .Size, "s3://\($bucket)/\(.Key)"] | @tsv'
  exit
fi
snapshot=$1
[[ "$snapshot" == s3://*/etcd/*.db ]] || fail "$snapshot is no s3://BUCKET/etcd/MEMBER/TIME.db"
aws s3 ls "$snapshot.sha256" >/dev/null || fail "$snapshot has no checksum beside it: it is not whole"

groups=("$(operation .gateway_group)" "$(operation .hot_group)")
mapfile -t members < <(operation '.etcd[].instance')
mapfile -t nodes < <(for group in "${groups[@]}"; do instances_of "$group" | awk '$3 == "InService" {print $1}'; done)
trap 'say "not finished: ${groups[*]} are suspended and nodes may be stopped; run it again"' ERR

# Else machines that do not serve would be replaced.
for group in "${groups[@]}"; do
  aws autoscaling suspend-processes --auto-scaling-group-name "$group" \
    --scaling-processes HealthCheck ReplaceUnhealthy AlarmNotification
done
say "stopping ${#nodes[@]} nodes"
on 'systemctl stop tidelog' "${nodes[@]}"
say "restoring ${#members[@]} members"
on "/usr/local/sbin/tidelog-etcd-restore $snapshot" "${members[@]}"
etcd_is_healthy "${members[0]}"
say "starting ${#nodes[@]} nodes"
on 'systemctl start --no-block tidelog' "${nodes[@]}"
# shellcheck disable=SC2016 # expanded on the machine
on 'for i in $(seq 120); do
  curl -sf --max-time 5 -o /dev/null http://127.0.0.1:8080/health/ready && exit 0; sleep 5; done; exit 1' "${nodes[@]}"
for group in "${groups[@]}"; do
  aws autoscaling resume-processes --auto-scaling-group-name "$group" \
    --scaling-processes HealthCheck ReplaceUnhealthy AlarmNotification
done
trap - ERR
say "restored; the replaced data is beside the new on each member, in /var/lib/tidelog"
