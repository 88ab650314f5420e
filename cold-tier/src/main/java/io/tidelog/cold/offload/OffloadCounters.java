package io.tidelog.cold.offload;

import io.tidelog.core.Clock;
import io.tidelog.core.log.SealedSegmentSource;
import java.util.Collection;

/** Counts what the offload lane does, and publishes it for any thread to read. */
final class OffloadCounters {

  private static final long NONE = Long.MIN_VALUE;
  private static final long NS_PER_MS = 1_000_000;

  /** An immutable picture of what the lane counted. */
  private record Counts(
      long objects,
      long bytes,
      long failures,
      long fenced,
      long oldestSinceNs,
      long failingSinceNs,
      String lastFailure) {}

  private final SealedSegmentSource source;
  private final Clock clock;
  private final OffloadConfig config;
  private volatile Counts counts = new Counts(0, 0, 0, 0, NONE, NONE, "");

  OffloadCounters(SealedSegmentSource source, Clock clock, OffloadConfig config) {
    this.source = source;
    this.clock = clock;
    this.config = config;
  }

  void onUploaded(long bytes, Collection<LogOffload> logs) {
    var c = counts;
    publish(
        logs,
        new Counts(
            c.objects + 1, c.bytes + bytes, c.failures, c.fenced, NONE, NONE, c.lastFailure));
  }

  void onFailed(Throwable failure, Collection<LogOffload> logs) {
    var c = counts;
    publish(
        logs,
        new Counts(
            c.objects, c.bytes, c.failures + 1, c.fenced, NONE, NONE, String.valueOf(failure)));
  }

  void onFenced() {
    var c = counts;
    counts =
        new Counts(
            c.objects,
            c.bytes,
            c.failures,
            c.fenced + 1,
            c.oldestSinceNs,
            c.failingSinceNs,
            c.lastFailure);
  }

  void onWork(Collection<LogOffload> logs) {
    publish(logs, counts);
  }

  private void publish(Collection<LogOffload> logs, Counts c) {
    long oldest = NONE;
    long failing = NONE;
    for (var log : logs) {
      var work = log.work();
      if (work != null) {
        oldest = earlier(oldest, work.sinceNs());
      }
      if (log.failuresInARow() > 0) {
        failing = earlier(failing, log.failingSinceNs());
      }
    }
    counts = new Counts(c.objects, c.bytes, c.failures, c.fenced, oldest, failing, c.lastFailure);
  }

  private static long earlier(long a, long b) {
    return a == NONE || b - a < 0 ? b : a;
  }

  OffloadStats stats() {
    var c = counts;
    long nowNs = clock.monotonicNs();
    long lagBytes = source.logs().stream().mapToLong(source::offloadLagBytes).sum();
    boolean isAlarmed =
        lagBytes >= config.alarmLagBytes()
            || (c.failingSinceNs != NONE
                && ageMs(c.failingSinceNs, nowNs) >= config.alarmAfterMs());
    return new OffloadStats(
        c.objects,
        c.bytes,
        c.failures,
        c.fenced,
        lagBytes,
        c.oldestSinceNs == NONE ? 0 : ageMs(c.oldestSinceNs, nowNs),
        isAlarmed,
        c.lastFailure);
  }

  private static long ageMs(long sinceNs, long nowNs) {
    return Math.max(0, nowNs - sinceNs) / NS_PER_MS;
  }
}
