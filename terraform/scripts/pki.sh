#!/bin/bash
# Certificates between the machines of a cluster: an authority of its own, and one certificate for each
# role. The authority's key stays where this script ran; machines read theirs from SecureString
# parameters when they start. No key passes through Terraform.
#
#   pki.sh                          make what is missing, renew the others, publish all of it
#   pki.sh create FOLDER ADDRESSES  make them only; addresses of the etcd members, with commas
#
# Publishing reads the outputs of the cluster, so it comes after the first terraform apply; machines
# wait for it. Renewed certificates are used after a restart. They hold for two years.
set -euo pipefail
# shellcheck source=SCRIPTDIR/operations.sh
. "$(dirname "${BASH_SOURCE[0]}")/operations.sh"
umask 077

# certify FOLDER ROLE EXTENSIONS: a key and a certificate in FOLDER/ROLE.
certify() {
  local at=$1/$2
  mkdir -p "$at"
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$at/node.key" 2>/dev/null
  openssl req -new -key "$at/node.key" -subj "/CN=tidelog-$2" -out "$at/node.csr"
  printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n%s\n' "$3" >"$at/extensions"
  openssl x509 -req -in "$at/node.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" -CAcreateserial -days 730 \
    -extfile "$at/extensions" -out "$at/node.pem" 2>/dev/null
  rm "$at/node.csr" "$at/extensions"
  cp "$1/ca.pem" "$at/ca.pem"
}

create() {
  local at=$1 names
  mkdir -p "$at"
  if [ ! -e "$at/ca.key" ]; then
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$at/ca.key" 2>/dev/null
    openssl req -x509 -new -key "$at/ca.key" -subj "/CN=tidelog" -days 3650 \
      -addext 'keyUsage=critical,keyCertSign,cRLSign' -out "$at/ca.pem"
  fi
  names=IP:${2//,/,IP:}
  # Members are clients of one another, and of themselves for snapshots.
  certify "$at" etcd $'extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName='"$names"
  certify "$at" hot 'extendedKeyUsage=clientAuth'
  certify "$at" gateway 'extendedKeyUsage=clientAuth'
}

publish() {
  local at=$1 role file
  for role in etcd hot gateway; do
    for file in ca.pem node.pem node.key; do
      # By file:// no key stands in the list of processes.
      aws ssm put-parameter --name "/$(operation .name)/$role/$file" --type SecureString --overwrite \
        --key-id "$(operation .key)" --value "file://$at/$role/$file" >/dev/null
    done
  done
  say "published, valid until $(openssl x509 -in "$at/etcd/node.pem" -noout -enddate | cut -d= -f2)"
}

case "${1:-publish}" in
  create)
    [[ "${3:-}" =~ ^[0-9.]+(,[0-9.]+)*$ ]] || fail "usage: pki.sh create FOLDER ADDRESS,ADDRESS,ADDRESS"
    create "$2" "$3"
    ;;
  publish)
    read_operations
    at=$folder/pki/$(operation .name)
    create "$at" "$(operation '[.etcd[].address] | join(",")')"
    publish "$at"
    say "keep $at/ca.key: without it every certificate has to be made anew at once"
    ;;
  *) fail "usage: pki.sh [create FOLDER ADDRESSES]" ;;
esac
