package io.tidelog.chaos.client;

import io.tidelog.chaos.history.HistoryWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.TopicPartition;

/**
 * A client process: {@code WORKLOAD PROCESS SEED BOOTSTRAP HISTORY}. It works until its standard
 * input ends, then ends in order. {@code FINAL} instead of a workload reads everything, once.
 */
public final class ClientMain {

  /** Instead of a workload. */
  public static final String FINAL = "FINAL";

  private static final int PER_SECOND = 60;
  private static final int SMALL_BYTES = 200;
  private static final int LARGE_BYTES = 8_192;

  private final int process;
  private final Random random;
  private final Recorder recorder;
  private final Clients clients;

  private ClientMain(int process, Random random, Recorder recorder, Clients clients) {
    this.process = process;
    this.random = random;
    this.recorder = recorder;
    this.clients = clients;
  }

  public static void main(String[] args) throws Exception {
    int process = Integer.parseInt(args[1]);
    long seed = Long.parseLong(args[2]);
    boolean isFine;
    try (var history = HistoryWriter.create(Path.of(args[4]), process, args[0])) {
      var client =
          new ClientMain(process, new Random(seed), new Recorder(history), new Clients(args[3]));
      isFine = args[0].equals(FINAL) ? client.readAll() : client.run(Workload.valueOf(args[0]));
    }
    System.exit(isFine ? 0 : 1);
  }

  private boolean readAll() {
    var groups =
        Arrays.stream(Workload.values()).flatMap(workload -> workload.groups().stream()).toList();
    return run(
        List.of(new FinalReader(recorder, clients, groups, Workload.CHURN_PREFIX)), new Stop());
  }

  private boolean run(Workload workload) {
    var stop = new Stop();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                long unused = System.in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // Whoever started us is gone.
              }
              stop.now();
            });
    return run(works(workload), stop);
  }

  private List<Work> works(Workload workload) {
    var works = new ArrayList<Work>();
    workload
        .topics()
        .forEach(
            (topic, partitions) -> {
              int bytes = workload == Workload.W8 ? LARGE_BYTES : SMALL_BYTES;
              works.add(
                  new Appends(
                      process * 4 + works.size(),
                      recorder,
                      clients,
                      random(),
                      new Appends.Load(topic, partitions, PER_SECOND, bytes)));
              works.add(reader(workload, topic, partitions));
            });
    switch (workload) {
      case W5 -> {
        works.add(new GroupMember(recorder, clients, random(), "w5", "classic"));
        works.add(new GroupMember(recorder, clients, random(), "w5", "consumer"));
      }
      case W9 ->
          works.add(
              new TopicChurn(recorder, clients, random(), Workload.CHURN_PREFIX + process + "-"));
      case W10 -> works.add(new PartitionMoves(recorder, clients, random()));
      default -> {}
    }
    return works;
  }

  private Work reader(Workload workload, String topic, int partitions) {
    if (workload == Workload.W8) {
      return new RandomReader(recorder, clients, random(), topic, partitions);
    }
    if (workload == Workload.W5) {
      var all = new ArrayList<TopicPartition>();
      for (int i = 0; i < partitions; i++) {
        all.add(new TopicPartition(topic, i));
      }
      return new CommittedWatch(recorder, clients, workload.groups(), all);
    }
    return new FreeReader(recorder, clients, random(), topic, partitions);
  }

  private Random random() {
    return new Random(random.nextLong());
  }

  /** Whether all ended as they should. */
  private static boolean run(List<Work> works, Stop stop) {
    var failures = new ConcurrentLinkedQueue<Throwable>();
    var threads = new ArrayList<Thread>();
    for (var work : works) {
      threads.add(
          Thread.ofPlatform()
              .name(work.getClass().getSimpleName())
              .start(
                  () -> {
                    try {
                      work.run(stop);
                    } catch (IOException | RuntimeException | Error e) {
                      e.printStackTrace();
                      failures.add(e);
                      stop.now();
                    }
                  }));
    }
    try {
      for (var thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return failures.isEmpty();
  }
}
