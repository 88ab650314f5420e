package io.tidelog.gateway.wire;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.protocol.ApiKeys;

/** Counts what is asked of other nodes, by API. Any thread; the counts are atomic. */
public final class ForwardCounters {

  private static final long NS_PER_MICRO = 1_000;

  /** Filled once and not changed, so that any thread may read it. */
  private final Map<ApiKeys, Counts> counts = new EnumMap<>(ApiKeys.class);

  private record Counts(
      LongAdder requests,
      LongAdder sentBytes,
      LongAdder answers,
      LongAdder answerBytes,
      LongAdder answerNs,
      LongAdder lost) {

    Counts() {
      this(
          new LongAdder(),
          new LongAdder(),
          new LongAdder(),
          new LongAdder(),
          new LongAdder(),
          new LongAdder());
    }
  }

  public ForwardCounters() {
    Arrays.stream(ApiKeys.values()).forEach(api -> counts.put(api, new Counts()));
  }

  private Counts of(ApiKeys api) {
    var found = counts.get(api);
    if (found == null) {
      throw new IllegalStateException("no counts of " + api);
    }
    return found;
  }

  public void onRequest(ApiKeys api) {
    of(api).requests.increment();
  }

  public void onSent(ApiKeys api, int bytes) {
    of(api).sentBytes.add(bytes);
  }

  /** An answer came, so long after its request was to be sent. */
  public void onAnswer(ApiKeys api, int bytes, long tookNs) {
    var to = of(api);
    to.answers.increment();
    to.answerBytes.add(bytes);
    to.answerNs.add(tookNs);
  }

  /** There will be no answer. */
  public void onLost(ApiKeys api) {
    of(api).lost.increment();
  }

  /** Of every API, those never asked for included. */
  public List<ForwardStats> stats() {
    return counts.entrySet().stream()
        .map(
            entry -> {
              var of = entry.getValue();
              return new ForwardStats(
                  entry.getKey(),
                  of.requests.sum(),
                  of.sentBytes.sum(),
                  of.answers.sum(),
                  of.answerBytes.sum(),
                  of.answerNs.sum() / NS_PER_MICRO,
                  of.lost.sum());
            })
        .toList();
  }
}
