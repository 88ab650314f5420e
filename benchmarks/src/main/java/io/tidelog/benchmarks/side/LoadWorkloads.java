package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.Workload.Scale;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** Produce and fetch under load. */
final class LoadWorkloads {

  private static final String TOPIC = "load";
  private static final Requests.Batch ONE_KIB = new Requests.Batch(1, 1024);

  /** A batch of these has just under 1 MiB, the largest that servers take by default. */
  private static final Requests.Batch TEN_BYTES = new Requests.Batch(55_000, 10);

  private static final Requests.Batch ONE_MIB = new Requests.Batch(1, (1 << 20) - 1024);
  private static final int PIPELINE = 4;
  private static final int FETCH_BYTES = 1 << 20;
  private static final int WARM_UP_ROUNDS = 40;
  private static final int ROUNDS = 20;
  private static final double GIB = 1 << 30;
  private static final double MIB = 1 << 20;
  private static final String LOCAL_BYTES = "tidelog_log_local_bytes";
  private static final Duration TRIM_PATIENCE = Duration.ofSeconds(90);

  private LoadWorkloads() {}

  /** How long, in seconds, and how many requests in flight on each connection. */
  record SmallLoad(int inFlight, int warmUpSeconds, int countedSeconds) {}

  static Figures small(ServerProcess server, Scale scale, SmallLoad wanted)
      throws IOException, InterruptedException {
    int connections = 4;
    Steps.startWith(server, TOPIC, connections);
    var load = new ProduceLoad(TOPIC, connections, wanted.inFlight(), ONE_KIB);
    load.run(server, scale.seconds(wanted.warmUpSeconds()));

    var time = scale.seconds(wanted.countedSeconds());
    var before = server.stat();
    long requests = load.run(server, time);
    var after = server.stat();
    var figures = new Figures();
    figures.addCost("request", before, after, requests);
    figures.add("requests/s", requests / (time.toMillis() / 1e3));

    var counted = new long[1];
    SystemCalls.during(server.pid(), () -> counted[0] = load.run(server, scale.seconds(3)))
        .ifPresent(calls -> figures.add("system calls per request", (double) calls / counted[0]));
    return figures;
  }

  static Figures batches(ServerProcess server, Scale scale)
      throws IOException, InterruptedException {
    Steps.startWith(server, TOPIC, 1);
    var load = new ProduceLoad(TOPIC, 1, PIPELINE, TEN_BYTES);
    load.run(server, (long) scale.count(3_000));
    Steps.awaitQuiet(server);

    long from = System.nanoTime();
    var before = server.stat();
    long batches = load.run(server, (long) scale.count(2_000));
    var after = server.stat();
    double seconds = Steps.secondsSince(from);
    Steps.awaitQuiet(server);
    var atRest = server.stat();
    double millions = batches * TEN_BYTES.records() / 1e6;
    var figures = new Figures();
    figures.add("CPU s per million records", after.cpuSecondsSince(before) / millions);
    figures.add("machine CPU s per million records", after.machineSecondsSince(before) / millions);
    figures.add(
        "CPU s per million records, offloading included",
        atRest.cpuSecondsSince(before) / millions);
    figures.add("million records/s", millions / seconds);
    return figures;
  }

  static Figures fetch(ServerProcess server, Scale scale) throws IOException, InterruptedException {
    Steps.startWith(server, TOPIC, 1);
    new ProduceLoad(TOPIC, 1, PIPELINE, ONE_MIB).run(server, (long) scale.count(1024));
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      fetchAll(server);
    }
    Steps.awaitQuiet(server);
    return countFetches(server, ROUNDS);
  }

  static Figures fetchCold(ServerProcess server, Scale scale)
      throws IOException, InterruptedException {
    Steps.startWith(server, TOPIC, 1, Map.of("local.retention.ms", "1"));
    var load = new ProduceLoad(TOPIC, 1, PIPELINE, ONE_MIB);
    load.run(server, (long) scale.count(1024));
    // Segments go once two later checkpoints cover them, and those follow what is written.
    long fewSegments = 64 << 20;
    long end = System.nanoTime() + TRIM_PATIENCE.toNanos();
    while (Steps.metric(server, LOCAL_BYTES) > fewSegments) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("segments stay: " + Steps.metric(server, LOCAL_BYTES));
      }
      load.run(server, 4);
      Steps.sleep(Duration.ofMillis(200));
    }
    Steps.awaitQuiet(server);
    var figures = countFetches(server, 1);
    figures.add("still local MiB", Steps.metric(server, LOCAL_BYTES) / MIB);
    return figures;
  }

  private static Figures countFetches(ServerProcess server, int rounds) throws IOException {
    long from = System.nanoTime();
    var before = server.stat();
    long bytes = 0;
    for (int i = 0; i < rounds; i++) {
      bytes += fetchAll(server);
    }
    var after = server.stat();
    double seconds = Steps.secondsSince(from);
    var figures = new Figures();
    figures.add("CPU s per GiB", after.cpuSecondsSince(before) / (bytes / GIB));
    figures.add("machine CPU s per GiB", after.machineSecondsSince(before) / (bytes / GIB));
    figures.add("GiB/s", bytes / GIB / seconds);
    return figures;
  }

  private static long fetchAll(ServerProcess server) throws IOException {
    long bytes = 0;
    long offset = 0;
    long end = 1;
    try (var client = new RawClient(server.port())) {
      while (offset < end) {
        var fetched = client.fetch(TOPIC, 0, offset, FETCH_BYTES);
        bytes += fetched.bytes();
        offset = fetched.nextOffset(offset);
        end = fetched.highWatermark();
      }
    }
    return bytes;
  }

  static Figures paced(ServerProcess server, Scale scale) throws IOException, InterruptedException {
    Steps.startWith(server, TOPIC, 1);
    int perSecond = 1_000;
    var load = new PacedLoad(TOPIC, 0, ONE_KIB, perSecond);
    load.run(server, scale.seconds(10));

    var syncsBefore = SyncTimes.of(server);
    var before = server.stat();
    try (var hiccups = new HiccupMeter()) {
      var outcome = load.run(server, scale.seconds(20));
      var after = server.stat();
      var figures = new Figures();
      long requests = outcome.latency().getTotalCount();
      figures.add("answered requests/s", requests / outcome.seconds());
      figures.addLatency("latency", outcome.latency());
      SyncTimes.of(server).since(syncsBefore).addTo(figures);
      figures.addLatency("sender lag", outcome.senderLag());
      figures.addLatency("hiccup", hiccups.stop());
      figures.addCost("request", before, after, requests);
      return figures;
    }
  }
}
