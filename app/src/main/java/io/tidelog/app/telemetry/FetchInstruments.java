package io.tidelog.app.telemetry;

import io.opentelemetry.api.metrics.Meter;
import io.tidelog.gateway.fetch.FetchStats;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The metrics of what fetches keep; {@code docs/metrics.md} explains each. */
public final class FetchInstruments implements Consumer<Meter> {

  private final Supplier<FetchStats> stats;

  public FetchInstruments(Supplier<FetchStats> stats) {
    this.stats = stats;
  }

  @Override
  public void accept(Meter meter) {
    var all = new StatsInstruments<>(meter, stats);
    all.gauge(
        "tidelog.fetch.parked", "{fetch}", "Fetches that wait for records.", FetchStats::parked);
    all.counter(
        "tidelog.fetch.turned.away",
        "{fetch}",
        "Fetches that found no room to wait.",
        FetchStats::turnedAway);
    all.gauge("tidelog.fetch.sessions", "{session}", "Fetch sessions.", FetchStats::sessions);
    all.counter(
        "tidelog.fetch.session.evictions",
        "{session}",
        "Fetch sessions that made room for others.",
        FetchStats::sessionEvictions);
    all.gauge(
        "tidelog.fetch.late.reads",
        "{read}",
        "Reads that outlasted their fetch.",
        FetchStats::lateReads);
    all.gauge(
        "tidelog.fetch.late.read.bytes",
        "By",
        "Records found too late, kept for the next fetch.",
        FetchStats::lateReadBytes);
  }
}
