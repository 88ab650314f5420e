#!/usr/bin/env bash
# Kafka's own command-line tools against a node: tools.sh BOOTSTRAP; one line per check.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bootstrap=$1
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
topic=tools-$$
failed=0

tool() { # class args...
  timeout 60 "$java" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$here/kafka/target/lib/*" "$@" 2> "$work/err"
}
check() { # name expected-pattern command...
  local name=$1 pattern=$2
  shift 2
  if "$@" > "$work/out" 2>&1 && { [ -z "$pattern" ] || grep -qE -- "$pattern" "$work/out"; }; then
    printf 'ok\t%s\t\n' "$name"
  else
    failed=1
    printf 'FAIL\t%s\t%s\n' "$name" "$(cat "$work/out" "$work/err" 2>/dev/null | grep -v SLF4J | head -n 3 | tr '\n\t' '  ' | cut -c1-300)"
  fi
}
topics() { tool org.apache.kafka.tools.TopicCommand --bootstrap-server "$bootstrap" "$@"; }
groups() { tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$bootstrap" "$@"; }
configs() { tool org.apache.kafka.tools.ConfigCommand --bootstrap-server "$bootstrap" "$@"; }
[ -n "$(ls "$here"/kafka/target/lib/kafka_2.13-*.jar 2>/dev/null)" ] &&
  configs() { tool kafka.admin.ConfigCommand --bootstrap-server "$bootstrap" "$@"; }
offsets() { tool org.apache.kafka.tools.GetOffsetShell --bootstrap-server "$bootstrap" --topic "$topic" "$@"; }
produce_lines() { seq 1 100 | sed 's/^/line-/' | tool org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$bootstrap" --topic "$topic" && echo produced; }
consume_lines() { tool org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$bootstrap" --topic "$topic" --from-beginning --group "$topic" --max-messages 100 --timeout-ms 30000 "$@" | sort -u | wc -l; }

check "topics --create" "Created topic" topics --create --topic "$topic" --partitions 3 --config retention.ms=7200000
check "topics --list" "^$topic$" topics --list
check "topics --describe" "PartitionCount: 3.*ReplicationFactor: 1.*retention.ms=7200000" topics --describe --topic "$topic"
check "topics --alter" "" topics --alter --topic "$topic" --partitions 4
check "console-producer" "produced" produce_lines
check "console-consumer classic" "^100$" consume_lines
check "get-offsets latest" ":100$|:[0-9]+$" offsets --time latest
check "get-offsets earliest" ":0$" offsets --time earliest
for time in -1 -2 -3 -4 max-timestamp; do
  check "get-offsets --time $time" "$topic:" offsets --time "$time"
done
check "get-offsets --time -5" "" offsets --time -5
check "consumer-groups --list" "^$topic$" groups --list
check "consumer-groups --describe" "$topic +$topic" groups --describe --group "$topic"
check "consumer-groups --describe --state" "Empty" groups --describe --group "$topic" --state
check "consumer-groups --describe --members" "" groups --describe --group "$topic" --members
printf '"%s",0,1\n' "$topic" > "$work/offsets.csv"
sed -i 's/"//g' "$work/offsets.csv"
for reset in --to-earliest --to-latest "--to-offset 1" "--shift-by -1" "--by-duration PT1H" \
  "--to-datetime 2020-01-01T00:00:00.000" --to-current "--from-file $work/offsets.csv"; do
  check "consumer-groups --reset-offsets ${reset%% /*}" "$topic" \
    groups --reset-offsets --group "$topic" --all-topics --execute $reset
done
check "consumer-groups --delete-offsets" "Successful" groups --delete-offsets --group "$topic" --topic "$topic"
check "consumer-groups --delete" "successful" groups --delete --group "$topic"
check "configs --describe topic" "retention.ms=7200000" configs --describe --entity-type topics --entity-name "$topic"
check "configs --describe --all broker" "auto.create.topics.enable" configs --describe --all --entity-type brokers --entity-name 1
check "configs --alter add" "Completed" configs --alter --entity-type topics --entity-name "$topic" --add-config max.message.bytes=200000
check "configs --alter delete" "Completed" configs --alter --entity-type topics --entity-name "$topic" --delete-config max.message.bytes
printf '{"version":1,"partitions":[{"topic":"%s","partition":0,"offset":-1}]}' "$topic" > "$work/delete.json"
check "delete-records" "low_watermark: [0-9]+" tool org.apache.kafka.tools.DeleteRecordsCommand --bootstrap-server "$bootstrap" --offset-json-file "$work/delete.json"
check "log-dirs --describe" "\"partition\":\"$topic-0\"" tool org.apache.kafka.tools.LogDirsCommand --bootstrap-server "$bootstrap" --describe --topic-list "$topic"
check "broker-api-versions" "Produce" tool org.apache.kafka.tools.BrokerApiVersionsCommand --bootstrap-server "$bootstrap"
check "cluster cluster-id" "Cluster ID" tool org.apache.kafka.tools.ClusterTool cluster-id --bootstrap-server "$bootstrap"
check "verifiable-producer" "\"acked\":1000|producer_send_success" tool org.apache.kafka.tools.VerifiableProducer --bootstrap-server "$bootstrap" --topic "$topic-v" --max-messages 1000
check "verifiable-consumer" "records_consumed" tool org.apache.kafka.tools.VerifiableConsumer --bootstrap-server "$bootstrap" --topic "$topic-v" --group-id "$topic-v" --max-messages 1000 --reset-policy earliest
check "verifiable-consumer group.protocol=consumer" "records_consumed" tool org.apache.kafka.tools.VerifiableConsumer --bootstrap-server "$bootstrap" --topic "$topic-v" --group-id "$topic-w" --max-messages 1000 --reset-policy earliest --group-protocol consumer
check "producer-perf-test" "20000 records sent" tool org.apache.kafka.tools.ProducerPerformance --topic "$topic-p" --num-records 20000 --record-size 100 --throughput -1 --bootstrap-server "$bootstrap"
check "consumer-perf-test" "20000" tool org.apache.kafka.tools.ConsumerPerformance --bootstrap-server "$bootstrap" --topic "$topic-p" --num-records 20000 --timeout 30000
check "topics --delete" "" topics --delete --topic "$topic"
exit $failed
