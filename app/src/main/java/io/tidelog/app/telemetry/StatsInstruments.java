package io.tidelog.app.telemetry;

import io.opentelemetry.api.metrics.Meter;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Registers instruments that are read, at each scrape, from one picture of a part's counters.
 *
 * @param <S> the picture
 */
final class StatsInstruments<S> {

  /** The unit of what is 1 while something holds, else 0: none, as a unit of 1 names a ratio. */
  static final String FLAG = "";

  private final Meter meter;
  private final Supplier<S> stats;

  StatsInstruments(Meter meter, Supplier<S> stats) {
    this.meter = meter;
    this.stats = stats;
  }

  /** Something that only grows until the process ends. */
  void counter(String name, String unit, String what, ToLongFunction<S> value) {
    var unused =
        meter
            .counterBuilder(name)
            .setUnit(unit)
            .setDescription(what)
            .buildWithCallback(to -> to.record(value.applyAsLong(stats.get())));
  }

  /** Something as it stands now. */
  void gauge(String name, String unit, String what, ToLongFunction<S> value) {
    var unused =
        meter
            .gaugeBuilder(name)
            .ofLongs()
            .setUnit(unit)
            .setDescription(what)
            .buildWithCallback(to -> to.record(value.applyAsLong(stats.get())));
  }
}
