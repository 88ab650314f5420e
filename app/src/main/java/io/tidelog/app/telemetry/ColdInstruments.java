package io.tidelog.app.telemetry;

import io.opentelemetry.api.metrics.Meter;
import io.tidelog.cold.offload.OffloadStats;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** The cold tier's metrics; {@code docs/metrics.md} explains each. */
public final class ColdInstruments implements Consumer<Meter> {

  private final Supplier<OffloadStats> stats;

  public ColdInstruments(Supplier<OffloadStats> stats) {
    this.stats = stats;
  }

  @Override
  public void accept(Meter meter) {
    counter(
        meter,
        "tidelog.cold.uploaded.objects",
        "{object}",
        "Objects uploaded, verified and committed.",
        OffloadStats::uploadedObjects);
    counter(
        meter, "tidelog.cold.uploaded.bytes", "By", "Bytes of them.", OffloadStats::uploadedBytes);
    counter(
        meter,
        "tidelog.cold.failures",
        "{attempt}",
        "Attempts to offload that failed.",
        OffloadStats::failures);
    gauge(
        meter,
        "tidelog.cold.lag.bytes",
        "By",
        "Sealed and not yet in the cold tier.",
        OffloadStats::lagBytes);
    gauge(
        meter,
        "tidelog.cold.pending.age",
        "ms",
        "Since the oldest segment in work was taken up.",
        OffloadStats::oldestPendingAgeMs);
    gauge(
        meter,
        "tidelog.cold.alarm",
        "1",
        "1 when the object store needs an operator's look.",
        s -> s.isAlarmed() ? 1 : 0);
  }

  private void counter(
      Meter meter, String name, String unit, String what, ToLongFunction<OffloadStats> value) {
    var unused =
        meter
            .counterBuilder(name)
            .setUnit(unit)
            .setDescription(what)
            .buildWithCallback(to -> to.record(value.applyAsLong(stats.get())));
  }

  private void gauge(
      Meter meter, String name, String unit, String what, ToLongFunction<OffloadStats> value) {
    var unused =
        meter
            .gaugeBuilder(name)
            .ofLongs()
            .setUnit(unit)
            .setDescription(what)
            .buildWithCallback(to -> to.record(value.applyAsLong(stats.get())));
  }
}
