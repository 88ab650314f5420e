#!/usr/bin/env bash
# Kafka's own command-line tools against a node: tools.sh BOOTSTRAP; one line per check.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bootstrap=$1
# shellcheck source=compat/kafka_tools.sh
. "$here/kafka_tools.sh"
groups() { tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$bootstrap" "$@"; }
configs() { tool org.apache.kafka.tools.ConfigCommand --bootstrap-server "$bootstrap" "$@"; }
[ -n "$(ls "$here"/kafka/target/lib/kafka_2.13-*.jar 2>/dev/null)" ] &&
  configs() { tool kafka.admin.ConfigCommand --bootstrap-server "$bootstrap" "$@"; }
offsets() { tool org.apache.kafka.tools.GetOffsetShell --bootstrap-server "$bootstrap" --topic "$topic" "$@"; }
produce_lines() { seq 1 100 | sed 's/^/line-/' | tool org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$bootstrap" --topic "$topic" && echo produced; }
consume_lines() { # group options...
  tool org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$bootstrap" --topic "$topic" --from-beginning --group "$1" \
    --max-messages 100 --timeout-ms 30000 "${@:2}" | sort -u | wc -l
}
reset() { groups --reset-offsets --group "$topic" "$@"; }
gone() { ! topics --list | grep -qx "$topic" && echo gone; }

check "topics --create" "Created topic" topics --create --topic "$topic" --partitions 3 --config retention.ms=7200000
check "topics --list" "^$topic$" topics --list
check "topics --describe" "PartitionCount: 3.*ReplicationFactor: [13].*retention.ms=7200000" topics --describe --topic "$topic"
topics --alter --topic "$topic" --partitions 4 > "$work/altered" 2>&1
check "topics --alter --partitions" "PartitionCount: 4" topics --describe --topic "$topic"
check "console-producer" "produced" produce_lines
check "console-consumer" "^100$" consume_lines "$topic"
check "console-consumer group.protocol=consumer" "^100$" consume_lines "$topic-modern" --command-property group.protocol=consumer
# The console producer fills one partition at a time: most lines are in the fullest.
read -r partition end < <(offsets --time latest | awk -F: '$3 > most { most = $3; partition = $2 } END { print partition, most }')
check "get-offsets --time -1 (latest)" "^$topic:$partition:$end$" offsets --time -1
check "get-offsets --time -2 (earliest)" "^$topic:$partition:0$" offsets --time -2
check "get-offsets --time -3 (max-timestamp)" "^$topic:$partition:[0-9]+$" offsets --time -3
check "get-offsets --time -4 (earliest-local)" "^$topic:$partition:0$" offsets --time -4
check "get-offsets --time -5 (latest-tiered), nothing tiered" "" offsets --time -5
check "get-offsets by timestamp" "^$topic:$partition:0$" offsets --time 1000000000000
check "consumer-groups --list" "^$topic$" groups --list
check "consumer-groups --list --state" "^$topic +(Classic +)?Empty" groups --list --state
check "consumer-groups --describe" "$topic +$topic +$partition +$end +$end +0" groups --describe --group "$topic"
check "consumer-groups --describe --state" "$topic .*Empty +0" groups --describe --group "$topic" --state
check "consumer-groups --describe --members" "^GROUP +CONSUMER-ID" groups --describe --group "$topic" --members
resets() { # form expected-offset options...
  check "consumer-groups --reset-offsets $1" "$topic +$topic +$partition +$2 *$" reset --topic "$topic:$partition" "${@:3}"
}
resets "--to-offset" 7 --to-offset 7 --execute
resets "--to-current" 7 --to-current --execute
resets "--shift-by, forward" 10 --shift-by 3 --execute
resets "--shift-by, back" 5 --shift-by -5 --execute
resets "--to-latest" "$end" --to-latest --execute
resets "--to-earliest" 0 --to-earliest --execute
resets "--to-datetime" 0 --to-datetime 2020-01-01T00:00:00.000 --execute
resets "--to-datetime, behind the end" "$end" --to-datetime 2100-01-01T00:00:00.000 --execute
resets "--by-duration" 0 --by-duration PT1H --execute
resets "--dry-run" 9 --to-offset 9 --dry-run
check "consumer-groups --reset-offsets --dry-run changed nothing" "$topic +$topic +$partition +0 +$end +$end" groups --describe --group "$topic"
printf '%s,%s,4\n' "$topic" "$partition" > "$work/offsets.csv"
check "consumer-groups --reset-offsets --from-file" "$topic +$topic +$partition +4 *$" reset --from-file "$work/offsets.csv" --execute
check "consumer-groups --reset-offsets --all-topics" "$topic +$topic +$partition +0 *$" reset --all-topics --to-earliest --execute
check "consumer-groups --reset-offsets --export" "^$topic,$partition,0" reset --all-topics --to-current --dry-run --export
check "consumer-groups --delete-offsets" "$topic +$partition +Successful" groups --delete-offsets --group "$topic" --topic "$topic"
check "consumer-groups --delete" "successful" groups --delete --group "$topic"
check "configs --describe topic" "retention.ms=7200000" configs --describe --entity-type topics --entity-name "$topic"
broker=$(tool org.apache.kafka.tools.ClusterTool list-endpoints --bootstrap-server "$bootstrap" | sed -n 's/^\([0-9][0-9]*\) .*/\1/p' | head -n 1)
check "configs --describe --all broker" "auto.create.topics.enable" configs --describe --all --entity-type brokers --entity-name "$broker"
check "configs --alter add" "Completed" configs --alter --entity-type topics --entity-name "$topic" --add-config max.message.bytes=200000
check "configs --alter delete" "Completed" configs --alter --entity-type topics --entity-name "$topic" --delete-config max.message.bytes
printf '{"version":1,"partitions":[{"topic":"%s","partition":0,"offset":-1}]}' "$topic" > "$work/delete.json"
check "delete-records" "low_watermark: [0-9]+" tool org.apache.kafka.tools.DeleteRecordsCommand --bootstrap-server "$bootstrap" --offset-json-file "$work/delete.json"
check "log-dirs --describe" "\"partition\":\"$topic-0\"" tool org.apache.kafka.tools.LogDirsCommand --bootstrap-server "$bootstrap" --describe --topic-list "$topic"
check "broker-api-versions" "Produce" tool org.apache.kafka.tools.BrokerApiVersionsCommand --bootstrap-server "$bootstrap"
check "cluster cluster-id" "Cluster ID" tool org.apache.kafka.tools.ClusterTool cluster-id --bootstrap-server "$bootstrap"
check "cluster list-endpoints" " unfenced " tool org.apache.kafka.tools.ClusterTool list-endpoints --bootstrap-server "$bootstrap" --include-fenced-brokers
elect() { tool org.apache.kafka.tools.LeaderElectionCommand --bootstrap-server "$bootstrap" --topic "$topic" --partition 0 --election-type "$1"; }
check "leader-election preferred, not needed" "Valid replica already elected" elect preferred
check "leader-election unclean, not needed" "Valid replica already elected" elect unclean
held=$(topics --describe --topic "$topic" | sed -n 's/.*Partition: 0.*Replicas: \([0-9,]*\).*/\1/p')
printf '{"version":1,"partitions":[{"topic":"%s","partition":0,"replicas":[%s]}]}' "$topic" "$held" > "$work/same.json"
check "reassign-partitions --list" "No partition reassignments found" reassign --list
check "reassign-partitions --execute, where it is" "Successfully started" reassign --reassignment-json-file "$work/same.json" --execute
check "reassign-partitions --verify" "$topic-0 is completed" reassign --reassignment-json-file "$work/same.json" --verify
check "verifiable-producer" "\"acked\":1000|producer_send_success" tool org.apache.kafka.tools.VerifiableProducer --bootstrap-server "$bootstrap" --topic "$topic-v" --max-messages 1000
check "verifiable-consumer" "records_consumed" tool org.apache.kafka.tools.VerifiableConsumer --bootstrap-server "$bootstrap" --topic "$topic-v" --group-id "$topic-v" --max-messages 1000 --reset-policy earliest
check "verifiable-consumer group.protocol=consumer" "records_consumed" tool org.apache.kafka.tools.VerifiableConsumer --bootstrap-server "$bootstrap" --topic "$topic-v" --group-id "$topic-w" --max-messages 1000 --reset-policy earliest --group-protocol consumer
check "producer-perf-test" "20000 records sent" tool org.apache.kafka.tools.ProducerPerformance --topic "$topic-p" --num-records 20000 --record-size 100 --throughput -1 --bootstrap-server "$bootstrap"
check "consumer-perf-test" "20000" tool org.apache.kafka.tools.ConsumerPerformance --bootstrap-server "$bootstrap" --topic "$topic-p" --num-records 20000 --timeout 30000
topics --delete --topic "$topic" > "$work/deleted" 2>&1
check "topics --delete" "gone" gone
exit $failed
