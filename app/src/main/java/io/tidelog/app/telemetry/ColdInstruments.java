package io.tidelog.app.telemetry;

import io.opentelemetry.api.metrics.Meter;
import io.tidelog.cold.ColdStats;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The cold tier's metrics; {@code docs/metrics.md} explains each. */
public final class ColdInstruments implements Consumer<Meter> {

  private final Supplier<ColdStats> stats;

  public ColdInstruments(Supplier<ColdStats> stats) {
    this.stats = stats;
  }

  @Override
  public void accept(Meter meter) {
    var all = new StatsInstruments<>(meter, stats);
    all.counter(
        "tidelog.cold.uploaded.objects",
        "{object}",
        "Objects uploaded, verified and committed.",
        s -> s.offload().uploadedObjects());
    all.counter(
        "tidelog.cold.uploaded.bytes", "By", "Bytes of them.", s -> s.offload().uploadedBytes());
    all.counter(
        "tidelog.cold.failures",
        "{attempt}",
        "Attempts to offload that failed.",
        s -> s.offload().failures());
    all.gauge(
        "tidelog.cold.lag.bytes",
        "By",
        "Sealed and not yet in the cold tier.",
        s -> s.offload().lagBytes());
    all.gauge(
        "tidelog.cold.pending.age",
        "ms",
        "Since the oldest segment in work was taken up.",
        s -> s.offload().oldestPendingAgeMs());
    all.gauge(
        "tidelog.cold.alarm",
        StatsInstruments.FLAG,
        "1 when the object store needs an operator's look.",
        s -> s.offload().isAlarmed() ? 1 : 0);
    all.counter(
        "tidelog.cold.collected.objects",
        "{object}",
        "Objects deleted since no log needs them.",
        s -> s.collect().deletedObjects());
    acceptReads(all);
  }

  private static void acceptReads(StatsInstruments<ColdStats> all) {
    all.counter(
        "tidelog.cold.read.bytes",
        "By",
        "Loaded from the object store for reads.",
        s -> s.read().loadedBytes());
    all.counter(
        "tidelog.cold.read.loads", "{chunk}", "Chunks of them.", s -> s.read().chunkLoads());
    all.counter(
        "tidelog.cold.read.hits",
        "{chunk}",
        "Chunks found in the cache or already being loaded.",
        s -> s.read().chunkHits());
    all.counter(
        "tidelog.cold.read.failures",
        "{request}",
        "Requests to the store for reads that failed.",
        s -> s.read().failedLoads());
    all.counter(
        "tidelog.cold.read.damaged",
        "{chunk}",
        "Chunks whose checksum did not match.",
        s -> s.read().damagedChunks());
    all.counter(
        "tidelog.cold.read.refused",
        "{chunk}",
        "Loads refused since too many waited.",
        s -> s.read().refusedLoads());
    all.gauge(
        "tidelog.cold.cache.bytes", "By", "Chunks in the cache.", s -> s.read().cachedBytes());
    all.gauge(
        "tidelog.cold.buffer.bytes",
        "By",
        "Chunks in memory: cached, being loaded, being sent.",
        s -> s.read().bufferBytes());
  }
}
