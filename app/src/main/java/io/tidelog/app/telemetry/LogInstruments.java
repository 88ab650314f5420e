package io.tidelog.app.telemetry;

import io.opentelemetry.api.metrics.Meter;
import io.tidelog.hot.runtime.LogStats;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** The hot tier's metrics; {@code docs/metrics.md} explains each. */
public final class LogInstruments implements Consumer<Meter> {

  private final Supplier<LogStats> stats;

  public LogInstruments(Supplier<LogStats> stats) {
    this.stats = stats;
  }

  @Override
  public void accept(Meter meter) {
    counter(
        meter,
        "tidelog.log.appended.bytes",
        "By",
        "Record batches accepted.",
        LogStats::appendedBytes);
    counter(
        meter,
        "tidelog.log.appended.records",
        "{record}",
        "Records accepted.",
        LogStats::appendedRecords);
    counter(meter, "tidelog.log.groups", "{group}", "Write groups written.", LogStats::groups);
    counter(meter, "tidelog.log.syncs", "{sync}", "fdatasync calls finished.", LogStats::syncs);
    counter(meter, "tidelog.log.sync.time", "us", "Time spent in fdatasync.", LogStats::syncMicros);
    counter(
        meter,
        "tidelog.log.duplicates",
        "{append}",
        "Appends answered from memory.",
        LogStats::duplicates);
    counter(meter, "tidelog.log.refused", "{append}", "Appends refused.", LogStats::refused);
    counter(
        meter,
        "tidelog.log.uncertain",
        "{append}",
        "Appends of unknown outcome.",
        LogStats::uncertain);
    gauge(
        meter,
        "tidelog.log.mailbox.bytes",
        "By",
        "Appends waiting for the lane.",
        LogStats::mailboxBytes);
    gauge(meter, "tidelog.log.segments", "{segment}", "Segment files.", LogStats::segments);
    gauge(meter, "tidelog.log.local.bytes", "By", "Bytes of segment files.", LogStats::localBytes);
    gauge(
        meter,
        "tidelog.log.offload.lag.bytes",
        "By",
        "Sealed and not yet in the cold tier.",
        LogStats::offloadLagBytes);
    gauge(
        meter,
        "tidelog.log.commit.lsn",
        "By",
        "Committed up to this position.",
        LogStats::commitLsn);
    gauge(
        meter,
        "tidelog.log.full",
        "1",
        "1 while appends are refused because the disk is full.",
        s -> s.isFull() ? 1 : 0);
    gauge(
        meter,
        "tidelog.log.broken",
        "1",
        "1 when the log refuses everything until a restart.",
        s -> s.isBroken() ? 1 : 0);
  }

  private void counter(
      Meter meter, String name, String unit, String what, ToLongFunction<LogStats> value) {
    var unused =
        meter
            .counterBuilder(name)
            .setUnit(unit)
            .setDescription(what)
            .buildWithCallback(to -> to.record(value.applyAsLong(stats.get())));
  }

  private void gauge(
      Meter meter, String name, String unit, String what, ToLongFunction<LogStats> value) {
    var unused =
        meter
            .gaugeBuilder(name)
            .ofLongs()
            .setUnit(unit)
            .setDescription(what)
            .buildWithCallback(to -> to.record(value.applyAsLong(stats.get())));
  }
}
