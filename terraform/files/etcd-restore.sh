#!/bin/bash
# Replaces the data of this etcd member by a snapshot out of the bucket; scripts/restore.sh of the
# Terraform folder runs it on every member, with the same snapshot.
#
#   tidelog-etcd-restore s3://BUCKET/etcd/MEMBER/TIME.db
set -euo pipefail

# shellcheck source=/dev/null
. "${MACHINE_ENV:-/etc/tidelog/machine.env}"
set -a
# shellcheck source=/dev/null
. "${MACHINE_ETCD_ENV:-/etc/tidelog/etcd.env}"
set +a
etcd=$MACHINE_RELEASE_DIR/current
export AWS_REGION=$MACHINE_REGION
snapshot=${1:?which snapshot? s3://BUCKET/etcd/MEMBER/TIME.db}
work=$(mktemp -d -p "$(dirname "$ETCD_DATA_DIR")")
trap 'rm -rf "$work"' EXIT

name=$(basename "$snapshot")
aws s3 cp --only-show-errors "$snapshot" "$work/$name"
aws s3 cp --only-show-errors "$snapshot.sha256" "$work/$name.sha256"
(cd "$work" && sha256sum --check --quiet "$name.sha256")

systemctl stop etcd-backup.timer etcd.service
# Far higher revisions, and the old ones marked compacted, so that nobody's watch goes on as if
# nothing had happened.
"$etcd/etcdutl" snapshot restore "$work/$name" --bump-revision 1000000000 --mark-compacted \
  --name "$ETCD_NAME" --data-dir "$work/data" \
  --initial-cluster "$ETCD_INITIAL_CLUSTER" \
  --initial-cluster-token "$ETCD_INITIAL_CLUSTER_TOKEN-$(sha256sum "$work/$name" | cut -c1-8)" \
  --initial-advertise-peer-urls "$ETCD_INITIAL_ADVERTISE_PEER_URLS"
chown -R --reference="$(dirname "$ETCD_DATA_DIR")" "$work/data"
if [ -e "$ETCD_DATA_DIR" ]; then
  mv "$ETCD_DATA_DIR" "$ETCD_DATA_DIR.before-$(date -u +%Y%m%dT%H%M%SZ)"
fi
mv "$work/data" "$ETCD_DATA_DIR"
# Without waiting: a member is up when a second one is.
systemctl start --no-block etcd.service etcd-backup.timer
