#!/bin/bash
# Disk, packages, software, secrets and addresses of a machine on AWS. systemd runs it as root before
# each start of the service, so that a reboot mounts the disk again. Safe to repeat.
#
#   tidelog-bootstrap            all of it
#   tidelog-bootstrap addresses  print what depends on where this machine is, and change nothing
set -euo pipefail
umask 022 # the service's own is narrower and holds here too, and the service has to read the software

metadata=${MACHINE_METADATA:-http://169.254.169.254}
# shellcheck source=/dev/null
. "${MACHINE_ENV:-/etc/tidelog/machine.env}"
data=/var/lib/tidelog
pki=/etc/tidelog/pki

fail() {
  echo "tidelog-bootstrap: $1" >&2
  exit 1
}

# What the instance metadata says about this machine.
instance() {
  local token
  token=$(curl -sSf -X PUT --retry 5 --max-time 5 -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
    "$metadata/latest/api/token")
  curl -sSf --retry 5 --max-time 5 -H "X-aws-ec2-metadata-token: $token" \
    "$metadata/latest/meta-data/$1"
}

# Settings of Tidelog that differ from machine to machine.
addresses() {
  local zone address id name
  zone=$(instance placement/availability-zone)
  address=$(instance local-ipv4)
  id=$(instance instance-id)
  echo "TIDELOG_ZONE=$zone"
  case "$MACHINE_ROLE" in
    hot)
      echo "TIDELOG_INTERNAL_HOST=$address"
      echo "TIDELOG_REPLICATION_HOST=$address"
      ;;
    gateway)
      # MACHINE_ADVERTISED is a list zone=host:port,...; empty tells clients this machine's address.
      name=$address:9092
      if [ -n "$MACHINE_ADVERTISED" ]; then
        name=$(tr ',' '\n' <<<"$MACHINE_ADVERTISED" | sed -n "s/^$zone=//p")
        [ -n "$name" ] || fail "no advertised name for zone $zone in $MACHINE_ADVERTISED"
      fi
      echo "TIDELOG_NODE_NAME=$id"
      echo "TIDELOG_LISTENERS=PLAINTEXT://$address:9092"
      echo "TIDELOG_ADVERTISED_LISTENERS=PLAINTEXT://$name"
      echo "TIDELOG_HEALTH_LISTENER=$address:8081"
      ;;
  esac
}

# Prints the device for the data, or nothing as long as it is not there.
find_disk() {
  case "$MACHINE_DATA_DISK" in
    nvme) lsblk -dno NAME,MODEL | awk '/Instance Storage/ {print "/dev/" $1; exit}' ;;
    ebs) readlink -e /dev/sdf || true ;; # attached after the machine has started
    *) fail "MACHINE_DATA_DISK=$MACHINE_DATA_DISK is neither nvme, ebs nor none" ;;
  esac
}

# Never the root disk in its place.
mount_data() {
  local device tries
  mkdir -p "$data"
  if [ "$MACHINE_DATA_DISK" = none ] || mountpoint -q "$data"; then return; fi
  for tries in $(seq 60); do
    device=$(find_disk)
    [ -b "$device" ] && break
    echo "tidelog-bootstrap: waiting for the $MACHINE_DATA_DISK disk, $tries" >&2
    sleep 5
  done
  [ -b "$device" ] || fail "no $MACHINE_DATA_DISK disk for $data"
  blkid "$device" >/dev/null || mkfs.xfs -q "$device"
  mount -o noatime "$device" "$data"
}

# MACHINE_PACKAGES come from Amazon Linux's repositories, which are buckets of S3.
install_packages() {
  local wanted
  read -ra wanted <<<"$MACHINE_PACKAGES"
  rpm -q --quiet "${wanted[@]}" || dnf install -y -q "${wanted[@]}"
  # The user was made by cloud-init: systemd wants it before it runs this script. A volume outlives its
  # machine, and the next one may number its users differently.
  [ "$(stat -c %U "$data")" = tidelog ] || chown -R tidelog: "$data"
}

# Certificates are SecureString parameters /CLUSTER/ROLE/{ca.pem,node.pem,node.key}. A machine that
# has them starts with those it has while they cannot be read anew.
fetch_secrets() {
  local answer
  install -d -m 0750 -g tidelog "$pki"
  if ! answer=$(aws ssm get-parameters-by-path --path "/$MACHINE_CLUSTER/$MACHINE_ROLE" \
    --with-decryption --query 'Parameters[].[Name,Value]' --output json \
    --cli-connect-timeout 5 --cli-read-timeout 20); then
    [ -s "$pki/node.key" ] || fail "no certificate: the parameters cannot be read"
    echo "tidelog-bootstrap: parameters cannot be read, keeping the certificates of the last start" >&2
    return
  fi
  python3 -c '
import json, os, sys
folder = sys.argv[1]
for name, value in json.load(sys.stdin):
    path = os.path.join(folder, os.path.basename(name))
    with open(os.open(path + ".new", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o640), "w") as file:
        file.write(value)
    os.replace(path + ".new", path)
' "$pki" <<<"$answer"
  for file in ca.pem node.pem node.key; do
    [ -s "$pki/$file" ] ||
      fail "no parameter /$MACHINE_CLUSTER/$MACHINE_ROLE/$file; scripts/pki.sh publishes it"
  done
  chgrp tidelog "$pki"/*
}

# Each release has a folder named by its checksum, so that the old one stays whole.
install_release() {
  local folder="$MACHINE_RELEASE_DIR/${MACHINE_RELEASE_SHA256:0:16}" archive
  if [ ! -e "$folder/.complete" ]; then
    archive=$(mktemp)
    # shellcheck disable=SC2064 # this very file
    trap "rm -f $archive" EXIT
    aws s3api get-object --bucket "$MACHINE_RELEASE_BUCKET" --key "$MACHINE_RELEASE_KEY" \
      --version-id "$MACHINE_RELEASE_VERSION" "$archive" >/dev/null
    echo "$MACHINE_RELEASE_SHA256  $archive" | sha256sum --check --quiet
    rm -rf "$folder"
    mkdir -p "$folder"
    tar -xzf "$archive" -C "$folder" --strip-components=1 --no-same-owner
    touch "$folder/.complete"
  fi
  ln -sfn "$folder" "$MACHINE_RELEASE_DIR/current"
}

# Logs and metrics; a node serves without them, and the alarms on missing data tell.
start_observing() {
  local agent=/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl
  systemctl enable --now --quiet rsyslog.service || true
  if systemctl is-active --quiet amazon-cloudwatch-agent.service; then return; fi
  sed "s/INSTANCE/$(instance instance-id)/" /etc/tidelog/prometheus.yaml >/etc/tidelog/scrape.yaml
  "$agent" -a fetch-config -m ec2 -s -c file:/etc/tidelog/cloudwatch.json >/dev/null ||
    echo "tidelog-bootstrap: the CloudWatch agent does not start" >&2
}

if [ "${1:-}" = addresses ]; then
  addresses
  exit
fi
export AWS_REGION=$MACHINE_REGION
mkdir -p /run/tidelog
mount_data
install_packages
addresses >/run/tidelog/zone.env
fetch_secrets
install_release
start_observing
