#!/bin/bash
# Rolls out a new release, or any other change of the machines: first the hot nodes, each new one in
# service before an old one is drained, then the gateways. Neighbouring versions work together, so go
# from one to the next. A refresh that fails is rolled back by AWS, and this script says so.
#
#   upgrade.sh -var-file=env/prod.tfvars [other options of terraform apply]
set -euo pipefail
# shellcheck source=SCRIPTDIR/operations.sh
. "$(dirname "${BASH_SOURCE[0]}")/operations.sh"
[ $# -gt 0 ] || fail "usage: upgrade.sh -var-file=env/NAME.tfvars"
read_operations

# The newest refresh of group $1: id, status and percentage, or None.
refresh_of() {
  aws autoscaling describe-instance-refreshes --auto-scaling-group-name "$1" --max-records 1 \
    --query 'InstanceRefreshes[0].[InstanceRefreshId,Status,PercentageComplete]' --output text
}

# roll MODULE GROUP OPTIONS: applies the module, and waits for the refresh that this starts.
roll() {
  local module=$1 group=$2 before id status percent shown='' going=' Pending InProgress Baking Cancelling RollbackInProgress '
  shift 2
  read -r before status percent < <(refresh_of "$group") || true
  # One that goes on since an earlier run is waited for.
  [[ "$going" != *" $status "* ]] || before=
  terraform -chdir="$folder" apply -target="module.$module" "$@"
  while :; do
    read -r id status percent < <(refresh_of "$group") || true
    if [ "${id:-None}" = None ] || [ "$id" = "$before" ]; then
      say "$group: nothing to refresh"
      break
    fi
    if [ "$status $percent" != "$shown" ]; then say "$group: $status $percent %"; fi
    shown="$status $percent"
    [ "$status" != Successful ] || break
    [[ "$going" == *" $status "* ]] ||
      fail "the refresh of $group ended with $status; the machines keep the release they had"
    sleep "${POLL_SECONDS:-15}"
  done
  # A zone with fewer machines than the others would hold fewer replicas.
  local counts
  counts=$(instances_of "$group" | awk '$3 == "InService" {n[$2]++} END {for (z in n) print n[z]}' | sort -u | wc -l)
  if [ "$module" = hot ] && [ "$counts" != 1 ]; then
    fail "$group has not as many nodes in each zone: $(instances_of "$group" | cut -f2 | sort | uniq -c | xargs)"
  fi
}

roll hot "$(operation .hot_group)" "$@"
roll gateway "$(operation .gateway_group)" "$@"
# What is in neither module.
terraform -chdir="$folder" apply "$@"
say "done"
