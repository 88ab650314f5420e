# Sourced by the scripts that run Kafka's own command-line tools and print one line per check.
# Takes $here, the folder of the scripts, and $bootstrap; leaves the folder $work, and $failed.
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
reassign() { tool org.apache.kafka.tools.reassign.ReassignPartitionsCommand --bootstrap-server "$bootstrap" "$@"; }
