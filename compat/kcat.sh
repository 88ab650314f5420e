#!/usr/bin/env bash
# kcat (librdkafka) against a node: kcat.sh BOOTSTRAP; one line per check.
set -u
bootstrap=$1
topic=kcat-$$
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { # name good detail
  if [ "$2" = 1 ]; then printf 'ok\t%s\t%s\n' "$1" "${3:-}"; else failed=1; printf 'FAIL\t%s\t%s\n' "$1" "${3:-}"; fi
}
seq 1 1000 > "$work/in"
kcat -b "$bootstrap" -P -t "$topic" -X acks=all < "$work/in" 2> "$work/err"
check "produce, topic created by itself" $((! $?)) "$(head -c 200 "$work/err")"
kcat -b "$bootstrap" -C -t "$topic" -o beginning -e -q > "$work/out" 2> "$work/err"
check "consume from the beginning" "$(cmp -s "$work/in" "$work/out" && echo 1 || echo 0)" "$(wc -l < "$work/out") of 1000"
for codec in gzip snappy lz4 zstd; do
  kcat -b "$bootstrap" -P -t "$topic-$codec" -z "$codec" -X enable.idempotence=true < "$work/in" 2> "$work/err"
  kcat -b "$bootstrap" -C -t "$topic-$codec" -o beginning -e -q > "$work/out" 2>> "$work/err"
  check "idempotent, $codec" "$(cmp -s "$work/in" "$work/out" && echo 1 || echo 0)" "$(wc -l < "$work/out") of 1000"
done
timeout 40 kcat -b "$bootstrap" -G "$topic" -c 1000 -q -X auto.offset.reset=earliest "$topic" > "$work/out" 2> "$work/err"
check "balanced consumer" "$([ "$(sort -un "$work/out" | wc -l)" = 1000 ] && echo 1 || echo 0)" "$(wc -l < "$work/out") of 1000"
kcat -b "$bootstrap" -Q -t "$topic:0:-1" > "$work/out" 2> "$work/err"
check "query by time" "$(grep -q 'offset 1000' "$work/out" && echo 1 || echo 0)" "$(head -n 1 "$work/out")"
kcat -b "$bootstrap" -L -t "$topic" > "$work/out" 2> "$work/err"
check "list" "$(grep -q "topic \"$topic\" with" "$work/out" && echo 1 || echo 0)"
exit $failed
