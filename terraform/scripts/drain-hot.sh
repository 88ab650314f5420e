#!/bin/bash
# Takes a hot node out: the others take what it leads and holds, then it may be terminated. Used after
# hot_nodes was lowered: all nodes are protected, so that nothing leaves before this script was run.
#
#   drain-hot.sh INSTANCE   one of those that drain-hot.sh lists when it is called without
set -euo pipefail
# shellcheck source=SCRIPTDIR/operations.sh
. "$(dirname "${BASH_SOURCE[0]}")/operations.sh"
read_operations
group=$(operation .hot_group)
machines=$(instances_of "$group")
[ $# = 1 ] || fail "which one?
$machines"
grep -q "^$1[[:space:]]" <<<"$machines" || fail "$1 is not in $group"
wanted=$(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$group" \
  --query 'AutoScalingGroups[0].DesiredCapacity' --output text)
[ "$wanted" -lt "$(wc -l <<<"$machines")" ] ||
  fail "$group has the $wanted nodes it is to have: lower hot_nodes and apply first"

say "draining $1, which may take hours"
on "/opt/tidelog/current/bin/tidelog admin drain \"\$(sed -n 's/^node.id=//p' /var/lib/tidelog/node.properties)\"" "$1"
aws autoscaling set-instance-protection --auto-scaling-group-name "$group" --instance-ids "$1" \
  --no-protected-from-scale-in
say "$1 is empty and will be terminated"
