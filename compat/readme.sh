#!/usr/bin/env bash
# Runs the clients of README.md as they stand there: readme.sh BOOTSTRAP; one line per client.
# Only the address is put in, and for Go the name that Debian's older sarama has.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bootstrap=$1
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

snippet() { # language file
  awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' "$here/../README.md" |
    sed "s/localhost:9092/$bootstrap/; s#github.com/IBM/sarama#github.com/Shopify/sarama#" > "$work/$2"
}
check() { # title command...
  local title=$1
  shift
  if timeout 60 "$@" > "$work/out" 2>&1 &&
    timeout 30 kcat -b "$bootstrap" -C -t orders -o beginning -e -q 2> /dev/null | grep -qx "from $title"; then
    printf 'ok\tREADME, %s\t\n' "$title"
  else
    failed=1
    printf 'FAIL\tREADME, %s\t%s\n' "$title" "$(tail -n 3 "$work/out" | tr '\n\t' '  ' | cut -c1-300)"
  fi
}
snippet java Hello.java
check Java "$java" -cp "$here/kafka/target/lib/*" "$work/Hello.java"
snippet python hello.py
check Python /usr/bin/python3 "$work/hello.py"
snippet go hello.go
check Go env GO111MODULE=off GOPATH=/usr/share/gocode go run "$work/hello.go"
snippet js hello.mjs
ln -s "$here/target/kafkajs/node_modules" "$work/node_modules"
check Node node "$work/hello.mjs"
exit $failed
