#!/bin/bash
# Saves a snapshot of this etcd member and its checksum in the bucket, and counts it.
set -euo pipefail

# shellcheck source=/dev/null
. "${MACHINE_ENV:-/etc/tidelog/machine.env}"
etcd=$MACHINE_RELEASE_DIR/current
export AWS_REGION=$MACHINE_REGION
work=$(mktemp -d -p "$(dirname "$ETCD_DATA_DIR")")
trap 'rm -rf "$work"' EXIT

name=$(date -u +%Y%m%dT%H%M%SZ).db
"$etcd/etcdctl" snapshot save "$work/$name" >/dev/null
(cd "$work" && sha256sum "$name" >"$name.sha256")
aws s3 cp --only-show-errors "$work/$name" "$MACHINE_BACKUP_URL/$name"
# Last, so that a snapshot with a checksum is a whole one.
aws s3 cp --only-show-errors "$work/$name.sha256" "$MACHINE_BACKUP_URL/$name.sha256"
aws cloudwatch put-metric-data --namespace "$MACHINE_NAMESPACE" --metric-name etcd_snapshots_saved \
  --unit Count --value 1
