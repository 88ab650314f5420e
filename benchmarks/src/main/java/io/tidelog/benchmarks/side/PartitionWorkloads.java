package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.Workload.Scale;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Ten thousand partitions: created, written to, held open, and recovered. */
final class PartitionWorkloads {

  private static final int PARTITIONS = 10_000;
  private static final int TOPICS_PER_REQUEST = 1_000;
  private static final Requests.Batch RECORD = new Requests.Batch(1, 100);
  private static final double MIB = 1 << 20;

  private PartitionWorkloads() {}

  private record Target(String topic, int partition) {

    byte[] frame() {
      return Requests.produce(topic, partition, RECORD);
    }
  }

  static Figures onePlentifulTopic(ServerProcess server, Scale scale)
      throws IOException, InterruptedException {
    int count = scale.count(PARTITIONS);
    return measure(
        server,
        IntStream.range(0, count).mapToObj(i -> new Target("many", i)).toList(),
        client -> client.createTopics(List.of("many"), count, Map.of()));
  }

  static Figures manyTopics(ServerProcess server, Scale scale)
      throws IOException, InterruptedException {
    int count = scale.count(PARTITIONS);
    var names = IntStream.range(0, count).mapToObj(i -> "topic-" + i).toList();
    return measure(
        server,
        names.stream().map(name -> new Target(name, 0)).toList(),
        client -> {
          for (int i = 0; i < count; i += TOPICS_PER_REQUEST) {
            var some = names.subList(i, Math.min(count, i + TOPICS_PER_REQUEST));
            client.createTopics(some, 1, Map.of());
          }
        });
  }

  private interface Creation {

    void with(RawClient client) throws IOException;
  }

  private static Figures measure(ServerProcess server, List<Target> targets, Creation creation)
      throws IOException, InterruptedException {
    Steps.startWith(server, "first", 1);
    Steps.produceAndFetchOne(server, "first", 0, new Target("first", 0).frame());
    var figures = new Figures();
    var last = targets.getLast();
    var cpu = server.stat();
    long from = System.nanoTime();
    try (var client = new RawClient(server.port())) {
      creation.with(client);
    }
    figures.add("creation answered s", Steps.secondsSince(from));
    Steps.produceAndFetchOne(server, last.topic(), last.partition(), last.frame());
    figures.add("creation to first produce and consume s", Steps.secondsSince(from));
    figures.add("creation CPU s", server.stat().cpuSecondsSince(cpu));
    long written = System.nanoTime();
    produceToAll(server, targets);
    figures.add("a record to each s", Steps.secondsSince(written));
    Steps.awaitQuiet(server);
    addSizes(figures, server);

    server.kill();
    long killed = System.nanoTime();
    server.start();
    Steps.produceAndFetchOne(server, last.topic(), last.partition(), last.frame());
    figures.add("kill -9 to first produce and consume s", Steps.secondsSince(killed));
    figures.add("kill -9 to first produce and consume CPU s", server.stat().cpuSeconds());
    return figures;
  }

  private static void produceToAll(ServerProcess server, List<Target> targets) throws IOException {
    var frames = new ArrayList<byte[]>();
    targets.forEach(target -> frames.add(target.frame()));
    try (var client = new RawClient(server.port())) {
      for (int i = 0; i < targets.size(); i++) {
        client.produceAtLast(targets.get(i).topic(), frames.get(i));
      }
    }
  }

  private static void addSizes(Figures figures, ServerProcess server)
      throws IOException, InterruptedException {
    var stat = server.stat();
    figures.add("open files", stat.openFiles());
    figures.add("RssAnon MiB", stat.memory().anon());
    figures.add("RssFile MiB", stat.memory().file());
    figures.add("live heap MiB", LiveHeap.bytes(server.pid()) / MIB);
  }
}
