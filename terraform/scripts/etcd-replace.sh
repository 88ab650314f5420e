#!/bin/bash
# Replaces the machine of an etcd member: for a new image or etcd release, or when it is broken. One at
# a time; the others have to be healthy. Address and disk stay, so that this is no change of membership.
#
#   etcd-replace.sh ZONE OPTIONS             OPTIONS as for terraform apply: -var-file=env/NAME.tfvars
#   etcd-replace.sh --new-disk ZONE OPTIONS  when the disk is lost too: the member is removed, added
#                                            again, and filled by the others
set -euo pipefail
# shellcheck source=SCRIPTDIR/operations.sh
. "$(dirname "${BASH_SOURCE[0]}")/operations.sh"
new_disk=
if [ "${1:-}" = --new-disk ]; then
  new_disk=yes
  shift
fi
zone=${1:?usage: etcd-replace.sh [--new-disk] ZONE -var-file=env/NAME.tfvars}
shift
read_operations
member=$(operation ".etcd[\"$zone\"].name") || fail "no etcd member in zone $zone"
address=$(operation ".etcd[\"$zone\"].address")
other=$(operation "[.etcd | to_entries[] | select(.key != \"$zone\")][0].value.instance")
etcdctl='set -eu; set -a; . /etc/tidelog/etcd.env; set +a; etcdctl=/opt/etcd/current/etcdctl'

targets=(-replace="module.etcd.aws_instance.this[\"$zone\"]")
if [ -n "$new_disk" ]; then
  targets+=(-replace="module.etcd.aws_ebs_volume.this[\"$zone\"]")
  say "removing $member and adding it again"
  on "$etcdctl
    id=\$(\$etcdctl member list | grep ', $member, \\|https://$address:2380' | cut -d, -f1)
    [ -z \"\$id\" ] || \$etcdctl member remove \"\$id\"
    \$etcdctl member add $member --peer-urls=https://$address:2380" "$other"
else
  say "are the members beside $member healthy?"
  on "$etcdctl
    healthy=\$({ \$etcdctl endpoint health --cluster --write-out=json || true; } | tr '}' '\n' |
      grep -v 'https://$address:' | grep -c '\"health\":true')
    [ \$healthy -ge 2 ]" "$other"
fi
terraform -chdir="$folder" apply -target=module.etcd "${targets[@]}" "$@"
read_operations
machine=$(operation ".etcd[\"$zone\"].instance")
say "waiting for $machine"
while [ "$(aws ssm describe-instance-information --filters "Key=InstanceIds,Values=$machine" \
  --query 'InstanceInformationList[0].PingStatus' --output text)" != Online ]; do
  sleep "${POLL_SECONDS:-5}"
done
if [ -n "$new_disk" ]; then
  on "set -eu
    echo ETCD_INITIAL_CLUSTER_STATE=existing > /etc/tidelog/etcd.local.env
    systemctl stop etcd; rm -rf /var/lib/tidelog/etcd; systemctl start --no-block etcd" "$machine"
fi
etcd_is_healthy "$other"
say "$member is back"
