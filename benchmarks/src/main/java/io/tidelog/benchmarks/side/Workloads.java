package io.tidelog.benchmarks.side;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;

/** One measure each; every method drives a started server and gives figures by name. */
final class Workloads {

  private static final double MS = 1e6;
  private static final long START_TIMEOUT_NS = Duration.ofMinutes(5).toNanos();

  private Workloads() {}

  /** From the start of the process until one record was produced and fetched. */
  static Map<String, Double> firstProduceAndConsume(ServerProcess server, String topic)
      throws InterruptedException, ExecutionException {
    long started = System.nanoTime();
    server.start();
    awaitConnect(server, started);
    ensureTopic(server, topic, 1);
    produceAndFetchOne(server, topic, started);
    var figures = new LinkedHashMap<String, Double>();
    figures.put("seconds", (System.nanoTime() - started) / 1e9);
    figures.put("CPU seconds", server.stat().cpuSeconds());
    return figures;
  }

  /** Resident memory and CPU of a server that nobody uses. */
  static Map<String, Double> idle(ServerProcess server, Duration time) {
    LockSupport.parkNanos(Duration.ofSeconds(5).toNanos());
    var before = server.stat();
    long from = System.nanoTime();
    LockSupport.parkNanos(time.toNanos());
    var after = server.stat();
    double seconds = (System.nanoTime() - from) / 1e9;
    var figures = new LinkedHashMap<String, Double>();
    figures.put("RSS MiB", after.rssMib());
    figures.put("RssAnon MiB", after.rssAnonMib());
    figures.put("RssFile MiB", after.rssFileMib());
    figures.put("% of a core", 100 * (after.cpuSeconds() - before.cpuSeconds()) / seconds);
    return figures;
  }

  /** {@code connections} clients, one request in flight each, one record a request. */
  static Map<String, Double> smallProduce(
      ServerProcess server, String topic, int connections, Duration time)
      throws IOException, InterruptedException, ExecutionException {
    ensureTopic(server, topic, connections);
    runSmall(server, topic, connections, time.dividedBy(2));
    var before = server.stat();
    long requests = runSmall(server, topic, connections, time);
    var after = server.stat();
    var figures = new LinkedHashMap<String, Double>();
    figures.put("CPU µs a request", perUnit(before, after, requests) * 1e6);
    figures.put("requests/s", requests / (time.toNanos() / 1e9));
    figures.put(
        "context switches a request",
        (double) (after.contextSwitches() - before.contextSwitches()) / requests);
    figures.put(
        "machine CPU µs a request",
        (after.machineBusySeconds() - before.machineBusySeconds()) * 1e6 / requests);
    return figures;
  }

  private static long runSmall(ServerProcess server, String topic, int connections, Duration time)
      throws IOException, InterruptedException {
    var threads = new ArrayList<Thread>();
    var counts = new long[connections];
    for (int i = 0; i < connections; i++) {
      int index = i;
      var client = new RawClient(server.port());
      var frame = RawClient.produceFrame(topic, i, 1, 1024);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    long end = System.nanoTime() + time.toNanos();
                    try (client) {
                      while (System.nanoTime() < end) {
                        client.produce(frame);
                        counts[index]++;
                      }
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  }));
    }
    for (var thread : threads) {
      thread.join();
    }
    return java.util.Arrays.stream(counts).sum();
  }

  /** Batches of about 1 MiB of ten-byte records, four in flight. */
  static Map<String, Double> bigBatches(ServerProcess server, String topic, int batches)
      throws IOException, InterruptedException, ExecutionException {
    ensureTopic(server, topic, 1);
    int records = 60_000;
    var frame = RawClient.produceFrame(topic, 0, records, 10);
    pipeline(server, frame, batches / 4);
    var before = server.stat();
    long from = System.nanoTime();
    pipeline(server, frame, batches);
    double seconds = (System.nanoTime() - from) / 1e9;
    var after = server.stat();
    double millions = (double) records * batches / 1e6;
    var figures = new LinkedHashMap<String, Double>();
    figures.put("CPU s a million records", perUnit(before, after, 1) / millions);
    figures.put("million records/s", millions / seconds);
    return figures;
  }

  private static void pipeline(ServerProcess server, byte[] frame, int count) throws IOException {
    int window = 4;
    try (var client = new RawClient(server.port())) {
      for (int i = 0; i < count + window; i++) {
        if (i < count) {
          client.send(frame);
        }
        if (i >= window) {
          client.skipAnswer();
        }
      }
    }
  }

  /** Reads all that {@link #bigBatches} wrote, twice; the second time counts. */
  static Map<String, Double> fetch(ServerProcess server, String topic) throws IOException {
    fetchAll(server, topic);
    var before = server.stat();
    long from = System.nanoTime();
    long bytes = fetchAll(server, topic);
    double seconds = (System.nanoTime() - from) / 1e9;
    var after = server.stat();
    double gib = bytes / (double) (1L << 30);
    var figures = new LinkedHashMap<String, Double>();
    figures.put("CPU s a GiB", perUnit(before, after, 1) / gib);
    figures.put("GiB/s", gib / seconds);
    return figures;
  }

  private static long fetchAll(ServerProcess server, String topic) throws IOException {
    long bytes = 0;
    long offset = 0;
    try (var client = new RawClient(server.port())) {
      while (true) {
        var fetched = client.fetch(topic, 0, offset, 8 << 20);
        bytes += fetched.bytes();
        offset = fetched.nextOffset();
        if (offset >= fetched.highWatermark()) {
          return bytes;
        }
      }
    }
  }

  /** Single-record requests at a fixed rate on one partition; latency from the planned time. */
  static Map<String, Double> paced(ServerProcess server, String topic, int perSecond, Duration time)
      throws IOException, InterruptedException, ExecutionException {
    ensureTopic(server, topic, 1);
    var frame = RawClient.produceFrame(topic, 0, 1, 1024);
    var latency = new Histogram(3);
    var hiccups = new Histogram(3);
    long interval = 1_000_000_000L / perSecond;
    long count = time.toNanos() / interval;
    try (var client = new RawClient(server.port())) {
      var sent = new java.util.concurrent.LinkedBlockingQueue<Long>();
      var reader =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (long i = 0; i < count; i++) {
                        client.skipAnswer();
                        latency.recordValue(Math.max(0, System.nanoTime() - sent.take()));
                      }
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
      long first = System.nanoTime();
      for (long i = 0; i < count; i++) {
        long planned = first + i * interval;
        while (System.nanoTime() < planned) {
          LockSupport.parkNanos(planned - System.nanoTime());
        }
        hiccups.recordValue(System.nanoTime() - planned);
        sent.add(planned);
        client.send(frame);
      }
      reader.join();
    }
    var figures = new LinkedHashMap<String, Double>();
    figures.put("p50 ms", latency.getValueAtPercentile(50) / MS);
    figures.put("p99 ms", latency.getValueAtPercentile(99) / MS);
    figures.put("max ms", latency.getMaxValue() / MS);
    figures.put("answered", (double) latency.getTotalCount());
    figures.put("sender hiccup p99 ms", hiccups.getValueAtPercentile(99) / MS);
    return figures;
  }

  /** Creates a topic of many partitions, kills the server, and waits until it serves again. */
  static Map<String, Double> manyPartitions(ServerProcess server, int partitions)
      throws IOException, InterruptedException, ExecutionException {
    var figures = new LinkedHashMap<String, Double>();
    long from = System.nanoTime();
    ensureTopic(server, "many", partitions);
    produceAndFetchOne(server, "many", from);
    figures.put("create s", (System.nanoTime() - from) / 1e9);
    for (int partition = 0; partition < partitions; partition += 10) {
      try (var client = new RawClient(server.port())) {
        for (int p = partition; p < Math.min(partitions, partition + 10); p++) {
          client.produce(RawClient.produceFrame("many", p, 1, 100));
        }
      }
    }
    figures.put("open files", (double) server.stat().openFiles());
    figures.put("RSS MiB", server.stat().rssMib());
    server.kill();
    long killed = System.nanoTime();
    server.start();
    awaitConnect(server, killed);
    produceAndFetchOne(server, "many", killed);
    figures.put("kill -9 to first consume s", (System.nanoTime() - killed) / 1e9);
    return figures;
  }

  private static void produceAndFetchOne(ServerProcess server, String topic, long startedNs) {
    var frame = RawClient.produceFrame(topic, 0, 1, 100);
    while (System.nanoTime() - startedNs < START_TIMEOUT_NS) {
      try (var client = new RawClient(server.port())) {
        long offset = client.produce(frame);
        if (client.fetch(topic, 0, offset, 1 << 20).bytes() > 0) {
          return;
        }
      } catch (IOException | org.apache.kafka.common.errors.ApiException notYet) {
        LockSupport.parkNanos(5_000_000);
      }
    }
    throw new IllegalStateException("no record came back in time");
  }

  private static void awaitConnect(ServerProcess server, long startedNs) {
    while (System.nanoTime() - startedNs < START_TIMEOUT_NS) {
      try {
        new RawClient(server.port()).close();
        return;
      } catch (IOException notYet) {
        LockSupport.parkNanos(5_000_000);
      }
    }
    throw new IllegalStateException("the server did not open its port in time");
  }

  private static void ensureTopic(ServerProcess server, String topic, int partitions)
      throws InterruptedException, ExecutionException {
    Map<String, Object> properties =
        Map.of(
            "bootstrap.servers",
            server.bootstrap(),
            "default.api.timeout.ms",
            300_000,
            "request.timeout.ms",
            300_000);
    try (var admin = Admin.create(properties)) {
      if (!admin.listTopics().names().get().contains(topic)) {
        admin
            .createTopics(
                List.of(new NewTopic(topic, Optional.of(partitions), Optional.of((short) 1))),
                new CreateTopicsOptions().timeoutMs(300_000))
            .all()
            .get();
      }
    }
  }

  private static double perUnit(ProcStat before, ProcStat after, long units) {
    return (after.cpuSeconds() - before.cpuSeconds()) / units;
  }
}
