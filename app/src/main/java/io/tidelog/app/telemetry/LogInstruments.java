package io.tidelog.app.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.tidelog.hot.node.CopyStats;
import io.tidelog.hot.runtime.LogStats;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The hot tier's metrics; {@code docs/metrics.md} explains each. */
public final class LogInstruments implements Consumer<Meter> {

  private static final AttributeKey<String> LESS_THAN = AttributeKey.stringKey("le");

  private final Supplier<LogStats> stats;
  private final Supplier<CopyStats> copies;

  public LogInstruments(Supplier<LogStats> stats, Supplier<CopyStats> copies) {
    this.stats = stats;
    this.copies = copies;
  }

  @Override
  public void accept(Meter meter) {
    var all = new StatsInstruments<>(meter, stats);
    all.counter(
        "tidelog.log.appended.bytes", "By", "Record batches accepted.", LogStats::appendedBytes);
    all.counter(
        "tidelog.log.appended.records", "{record}", "Records accepted.", LogStats::appendedRecords);
    all.counter("tidelog.log.groups", "{group}", "Write groups written.", LogStats::groups);
    all.counter("tidelog.log.syncs", "{sync}", "fdatasync calls finished.", LogStats::syncs);
    all.counter("tidelog.log.sync.time", "us", "Time spent in fdatasync.", LogStats::syncMicros);
    syncTimes(meter);
    all.counter(
        "tidelog.log.duplicates",
        "{append}",
        "Appends answered from memory.",
        LogStats::duplicates);
    all.counter("tidelog.log.refused", "{append}", "Appends refused.", LogStats::refused);
    all.counter(
        "tidelog.log.uncertain", "{append}", "Appends of unknown outcome.", LogStats::uncertain);
    all.counter(
        "tidelog.log.damaged.reads",
        "{read}",
        "Reads that found damage on the disk.",
        LogStats::damagedReads);
    all.gauge(
        "tidelog.log.mailbox.bytes", "By", "Appends waiting for the lane.", LogStats::mailboxBytes);
    all.counter(
        "tidelog.log.trimmed.bytes",
        "By",
        "Segments deleted here since the cold tier has them.",
        LogStats::trimmedBytes);
    moves(all);
    all.gauge("tidelog.log.segments", "{segment}", "Segment files.", LogStats::segments);
    all.gauge("tidelog.log.local.bytes", "By", "Bytes of segment files.", LogStats::localBytes);
    all.gauge(
        "tidelog.log.offload.lag.bytes",
        "By",
        "Sealed and not yet in the cold tier.",
        LogStats::offloadLagBytes);
    all.gauge(
        "tidelog.log.commit.lsn", "By", "Committed up to this position.", LogStats::commitLsn);
    all.gauge(
        "tidelog.log.full",
        StatsInstruments.FLAG,
        "1 while appends are refused because the disk is full.",
        s -> s.isFull() ? 1 : 0);
    all.gauge(
        "tidelog.log.broken",
        StatsInstruments.FLAG,
        "1 when the log refuses everything until a restart.",
        s -> s.isBroken() ? 1 : 0);
    copies(meter);
  }

  private static void moves(StatsInstruments<LogStats> all) {
    all.counter(
        "tidelog.log.moves", "{partition}", "Partitions that came from others.", LogStats::moves);
    all.counter(
        "tidelog.log.moved.bytes",
        "By",
        "Record batches copied from other logs.",
        LogStats::movedBytes);
    all.counter(
        "tidelog.log.move.closed.time",
        "ms",
        "Time for which partitions took no records since they moved.",
        LogStats::moveClosedMs);
  }

  private void copies(Meter meter) {
    var all = new StatsInstruments<>(meter, copies);
    all.gauge("tidelog.log.copies", "{log}", "Copies of logs open here.", CopyStats::held);
    all.gauge(
        "tidelog.log.copies.full",
        "{log}",
        "Following copies that take nothing because the disk is full.",
        CopyStats::full);
    all.gauge(
        "tidelog.log.copies.broken",
        "{log}",
        "Copies that stopped until a restart.",
        CopyStats::broken);
    all.gauge(
        "tidelog.log.copies.not.opened",
        "{log}",
        "Copies that could not be opened.",
        CopyStats::notOpened);
  }

  /** Cumulative, as the buckets of a Prometheus histogram. */
  private void syncTimes(Meter meter) {
    var unused =
        meter
            .counterBuilder("tidelog.log.syncs.within")
            .setUnit("{sync}")
            .setDescription("fdatasync calls that took less than le microseconds.")
            .buildWithCallback(
                measurement -> {
                  long[] buckets = stats.get().syncBuckets();
                  long within = 0;
                  for (int i = 0; i < buckets.length; i++) {
                    within += buckets[i];
                    measurement.record(within, Attributes.of(LESS_THAN, Long.toString(1L << i)));
                  }
                });
  }
}
