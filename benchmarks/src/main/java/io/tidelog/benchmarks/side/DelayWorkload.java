package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.Workload.Scale;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.HdrHistogram.Histogram;

/** Records that become visible when they are due. */
final class DelayWorkload {

  private static final String TOPIC = "delayed";
  private static final Duration DELAY = Duration.ofSeconds(2);
  private static final Requests.Batch TEN_RECORDS = new Requests.Batch(10, 100);
  private static final int REQUESTS_PER_SECOND = 1_000;
  private static final int FETCH_BYTES = 1 << 20;
  private static final long NS_PER_MS = 1_000_000;

  private DelayWorkload() {}

  /** How late records were; an append time is cut to its millisecond, so up to 1 ms too late. */
  private static final class Lateness {
    final Histogram ns = new Histogram(3);
    long early;
  }

  static Figures run(ServerProcess server, Scale scale) throws IOException, InterruptedException {
    Steps.startWith(
        server,
        TOPIC,
        1,
        Map.of(
            "delay.ms",
            Long.toString(DELAY.toMillis()),
            "message.timestamp.type",
            "LogAppendTime"));
    var load = new PacedLoad(TOPIC, 0, TEN_RECORDS, REQUESTS_PER_SECOND);
    var warmUp = scale.seconds(10);
    var counted = scale.seconds(20);
    try (var threads = Executors.newSingleThreadExecutor()) {
      // The load appends one request before it begins.
      long warm = 10 + warmUp.toMillis() * 10;
      long all = warm + 10 + counted.toMillis() * 10;
      Callable<Lateness> consumer = () -> consume(server, warm, all);
      var lateness = threads.submit(consumer);
      load.run(server, warmUp);
      var before = server.stat();
      try (var hiccups = new HiccupMeter()) {
        var outcome = load.run(server, counted);
        var after = server.stat();
        var figures = new Figures();
        long records = outcome.latency().getTotalCount() * TEN_RECORDS.records();
        figures.add("records/s", records / outcome.seconds());
        figures.add("early records", lateness.get().early);
        figures.addLatency("lateness", lateness.get().ns);
        figures.addLatency("hiccup", hiccups.stop());
        figures.add("CPU s per million records", 1e6 * after.cpuSecondsSince(before) / records);
        return figures;
      }
    } catch (ExecutionException e) {
      throw new IOException("the consumer failed", e.getCause());
    }
  }

  /** Reads up to record {@code all}; those before {@code warm} do not count. */
  private static Lateness consume(ServerProcess server, long warm, long all) throws IOException {
    var lateness = new Lateness();
    long offset = 0;
    try (var client = new RawClient(server.port())) {
      while (offset < all) {
        var fetched = client.fetch(TOPIC, 0, offset, FETCH_BYTES);
        var now = Instant.now();
        long nowNs = now.getEpochSecond() * 1_000 * NS_PER_MS + now.getNano();
        for (var batch : fetched.records().batches()) {
          long dueNs = (batch.maxTimestamp() + DELAY.toMillis()) * NS_PER_MS;
          if (batch.baseOffset() >= warm) {
            long count = batch.nextOffset() - batch.baseOffset();
            lateness.ns.recordValueWithCount(Math.max(0, nowNs - dueNs), count);
            lateness.early += nowNs < dueNs ? count : 0;
          }
        }
        offset = fetched.nextOffset(offset);
      }
    }
    return lateness;
  }
}
