#!/usr/bin/env bash
# The part of Kafka's own command-line tools that needs several brokers, against the cluster that
# "./tidelog cluster --combined" runs in a folder: cluster_tools.sh BOOTSTRAP FOLDER; one line per
# check.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bootstrap=$1
folder=$2
# shellcheck source=compat/kafka_tools.sh
. "$here/kafka_tools.sh"
cluster() { "$here/../tidelog" cluster "$@" --dir "$folder"; }
elect() { tool org.apache.kafka.tools.LeaderElectionCommand --bootstrap-server "$bootstrap" --topic "$topic-r" --partition 0 --election-type "$1"; }
leader() { topics --describe --topic "$topic-r" | sed -n "s/.*Partition: 0\t.*Leader: \([0-9]*\).*/\1/p"; }
# Until a command's output matches a pattern, or no more.
until_matches() {
  for _ in $(seq 30); do
    "${@:2}" > "$work/seen" 2>&1
    grep -qE -- "$1" "$work/seen" && break
  done
  cat "$work/seen"
}
replicas() { topics --describe --topic "$topic-r" | sed -n "s/.*Partition: $1\t.*Replicas: \([0-9,]*\).*/\1/p"; }
# The file $1: partition 0 of the topic to replicas $2, and back to those when there is another wish.
wish() { printf '{"version":1,"partitions":[{"topic":"%s","partition":0,"replicas":[%s]}]}' "$topic-r" "$2" > "$work/$1.json"; }
arrived() { until_matches "is completed" reassign --reassignment-json-file "$work/$1.json" --verify; }
# How many partitions the tool lists; nothing when it fails.
listed() { topics --describe --topic "$topic-r" "$1" > "$work/listed" && grep -c Partition: "$work/listed"; }
endpoints() { tool org.apache.kafka.tools.ClusterTool list-endpoints --bootstrap-server "$bootstrap" | grep -cE '^[0-9]+ '; }
led_by_another() { leader | grep -E "^[0-9]+$" | grep -qvx "$1" && echo another; }

check "topics --create, three replicas" "Created topic" topics --create --topic "$topic-r" --partitions 24 --replication-factor 3
check "topics --describe, three in sync" "Partition: 23\W.*Isr: [0-9]+,[0-9]+,[0-9]+\W" until_matches "Partition: 23\W.*Isr: [0-9]+,[0-9]+,[0-9]+\W" topics --describe --topic "$topic-r"
IFS=, read -r first second third < <(replicas 0)
elsewhere=$(for partition in $(seq 23); do replicas "$partition"; done | grep -m 1 "^$second,")
tool org.apache.kafka.tools.ProducerPerformance --topic "$topic-r" --num-records 20000 --record-size 100 --throughput -1 --bootstrap-server "$bootstrap" > "$work/filled" 2>&1
wish moved "$elsewhere"
check "reassign-partitions --execute, one partition" "Successfully started" reassign --reassignment-json-file "$work/moved.json" --execute
check "reassign-partitions --verify, one partition" "$topic-r-0 is completed" arrived moved
check "topics --describe, one partition elsewhere" "Partition: 0\W.*Replicas: $elsewhere" topics --describe --topic "$topic-r"
wish fewer "$first,$third"
check "reassign-partitions --execute, fewer replicas" "Successfully started" reassign --reassignment-json-file "$work/fewer.json" --execute
check "reassign-partitions --verify, fewer replicas" "$topic-r-0 is completed" arrived fewer
check "reassign-partitions --cancel, nothing to cancel" "None of the specified partition moves" reassign --reassignment-json-file "$work/fewer.json" --cancel
check "reassign-partitions --list, all done" "No partition reassignments found" reassign --list
check "consumer-perf-test, of a topic with a moved partition" "20000" tool org.apache.kafka.tools.ConsumerPerformance --bootstrap-server "$bootstrap" --topic "$topic-r" --num-records 20000 --timeout 30000

wish back "$first,$second,$third"
check "reassign-partitions --execute, more replicas" "Successfully started" reassign --reassignment-json-file "$work/back.json" --execute
check "reassign-partitions --verify, more replicas" "$topic-r-0 is completed" arrived back
check "leader-election preferred, not needed" "Valid replica already elected" elect preferred
cluster kill "hot-$first" > "$work/killed"
check "topics --describe, the leader is dead: another leads" "another" until_matches another led_by_another "$first"
check "topics --describe --under-replicated-partitions" "Partition: 0\W.*Isr: [0-9]+,[0-9]+\W" until_matches "Partition: 0\W.*Isr: [0-9]+,[0-9]+\W" topics --describe --topic "$topic-r" --under-replicated-partitions
check "topics --describe --unavailable-partitions, none" "^0$" until_matches "^0$" listed --unavailable-partitions
cluster start "hot-$first" > "$work/started"
check "topics --describe --under-replicated-partitions, none again" "^0$" until_matches "^0$" listed --under-replicated-partitions
check "leader-election preferred" "Successfully completed leader election" elect preferred
check "topics --describe, the preferred leader leads" "^$first$" until_matches "^$first$" leader
check "cluster list-endpoints, three" "^3$" endpoints
topics --delete --topic "$topic-r" > "$work/deleted" 2>&1
exit $failed
