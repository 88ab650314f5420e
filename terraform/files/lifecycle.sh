#!/bin/bash
# Hot nodes join and leave their Auto Scaling group by way of lifecycle hooks, and this script, run
# by a timer, answers them: a new node is in service once it is ready, and one that is to be
# terminated is drained first: the others take what it leads and holds.
set -euo pipefail

metadata=${MACHINE_METADATA:-http://169.254.169.254}
admin=${MACHINE_ADMIN:-http://127.0.0.1:8080}
# shellcheck source=/dev/null
. "${MACHINE_ENV:-/etc/tidelog/machine.env}"
data=${MACHINE_DATA:-/var/lib/tidelog}
state=${STATE_DIRECTORY:-/var/lib/tidelog-lifecycle}
export AWS_REGION=$MACHINE_REGION

instance() {
  local token
  token=$(curl -sSf -X PUT --retry 5 --max-time 5 -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
    "$metadata/latest/api/token")
  curl -sSf --retry 5 --max-time 5 -H "X-aws-ec2-metadata-token: $token" \
    "$metadata/latest/meta-data/$1"
}

# Answers hook $1, or tells it with $2 = heartbeat that the work goes on.
answer() {
  local call=(complete-lifecycle-action --lifecycle-action-result CONTINUE)
  [ "${2:-}" != heartbeat ] || call=(record-lifecycle-action-heartbeat)
  aws autoscaling "${call[@]}" --lifecycle-hook-name "$1" \
    --auto-scaling-group-name "$MACHINE_GROUP" --instance-id "$id"
}

enter() {
  [ ! -e "$state/in-service" ] || return 0
  curl -sSf --max-time 5 -o /dev/null "$admin/health/ready" || return 0 # asked again soon
  # A machine that was in service before it had this file has no hook that waits.
  local said
  if ! said=$(answer ready 2>&1) && [[ "$said" != *"No active Lifecycle Action"* ]]; then
    echo "tidelog-lifecycle: $said" >&2
    exit 1
  fi
  touch "$state/in-service"
  echo "tidelog-lifecycle: in service"
}

leave() {
  local node deadline=$((SECONDS + MACHINE_DRAIN_SECONDS)) beat=0 drain
  [ ! -e "$state/left" ] || return 0
  if ! node=$(sed -n 's/^node.id=//p' "$data/node.properties") || [ -z "$node" ]; then
    echo "tidelog-lifecycle: never joined, so there is nothing to drain"
  else
    echo "tidelog-lifecycle: draining node $node"
    "$MACHINE_RELEASE_DIR/current/bin/tidelog" admin drain "$node" &
    drain=$!
    while kill -0 "$drain" 2>/dev/null; do
      if ((SECONDS >= deadline)); then
        echo "tidelog-lifecycle: node $node is not empty after $MACHINE_DRAIN_SECONDS s, going on" >&2
        kill "$drain" || true
      elif ((SECONDS >= beat)); then
        answer drain heartbeat || echo "tidelog-lifecycle: heartbeat not taken" >&2
        beat=$((SECONDS + 60))
      fi
      sleep 1
    done
    wait "$drain" || echo "tidelog-lifecycle: drain ended with status $?" >&2
  fi
  systemctl stop tidelog.service
  answer drain
  touch "$state/left"
  echo "tidelog-lifecycle: drained and stopped"
}

id=$(instance instance-id)
case "$(instance autoscaling/target-lifecycle-state)" in
  InService) enter ;;
  Terminated) leave ;;
esac
