# shellcheck shell=bash
# What the scripts of an operator share; they source it. Needs terraform (initialised, in the folder
# above), aws, with the rights to do what the script does, and jq.
set -euo pipefail

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
  echo "$(basename "$0"): $1" >&2
  exit 1
}

say() { echo "$(date -u +%H:%M:%S) $1" >&2; }

# Reads the output "operations" of the cluster; operation NAME prints one value of it.
read_operations() {
  operations=$(terraform -chdir="$folder" output -json operations) ||
    fail "no outputs: is the cluster applied, and terraform initialised with its backend?"
  AWS_REGION=$(operation .region)
  export AWS_REGION
}

operation() { jq -er "$1" <<<"$operations"; }

# Instances of an Auto Scaling group, one a line: id, zone, lifecycle state.
instances_of() {
  aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$1" \
    --query 'AutoScalingGroups[0].Instances[].[InstanceId,AvailabilityZone,LifecycleState]' --output text
}

# on COMMAND INSTANCE...: runs a shell command as root on machines, fifty at a time, which is what AWS
# takes, prints what it prints, and fails unless it succeeds on all of them.
on() {
  local command=$1
  shift
  while [ $# -gt 50 ]; do
    on_some "$command" "${@:1:50}"
    shift 50
  done
  on_some "$command" "$@"
}

on_some() {
  local command=$1 id status
  shift
  id=$(aws ssm send-command --document-name AWS-RunShellScript --instance-ids "$@" \
    --parameters "$(jq -cn --arg c "$command" '{commands: [$c], executionTimeout: ["21600"]}')" \
    --query Command.CommandId --output text)
  while :; do
    status=$(aws ssm list-commands --command-id "$id" --query 'Commands[0].Status' --output text)
    case "$status" in
      Pending | InProgress) sleep "${POLL_SECONDS:-5}" ;;
      *) break ;;
    esac
  done
  aws ssm list-command-invocations --command-id "$id" --details --output json |
    jq -r '.CommandInvocations[] | .InstanceId + ": " + .Status, (.CommandPlugins[].Output | rtrimstr("\n"))' >&2
  [ "$status" = Success ] || fail "\"$command\" ended with $status"
}

# Waits until every member of etcd says that it is healthy, asked on the machine $1.
etcd_is_healthy() {
  # shellcheck disable=SC2016 # expanded on the machine
  on 'set -a; . /etc/tidelog/etcd.env; for i in $(seq 60); do
    /opt/etcd/current/etcdctl endpoint health --cluster && exit 0; sleep 5; done; exit 1' "$1"
}
