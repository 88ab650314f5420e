package io.tidelog.chaos.client;

import io.tidelog.chaos.history.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;

/**
 * Sends one partition after the other to other replicas, or the same with another one first, which
 * is another log; takes some moves back while they are under way. A move is done when none is
 * listed and the partition has these replicas.
 */
final class PartitionMoves implements Work {

  private static final String OFFSETS = "__consumer_offsets";
  private static final long PAUSE_MS = 500;
  private static final long LOOK_MS = 100;

  /** One in so many is taken back. */
  private static final int MOVES_TO_A_CANCEL = 6;

  private static final int CANCEL_AFTER_MS = 400;

  /** A move waits for leaders, and those for the end of a fault. */
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(30);

  private final Recorder recorder;
  private final Clients clients;
  private final Random random;

  PartitionMoves(Recorder recorder, Clients clients, Random random) {
    this.recorder = recorder;
    this.clients = clients;
    this.random = random;
  }

  @Override
  public void run(Stop stop) throws IOException {
    try (var admin = clients.reassignmentTool()) {
      while (!stop.after(PAUSE_MS)) {
        try {
          moveOne(admin, stop);
        } catch (ExecutionException | TimeoutException unavailable) {
          // Nobody says what there is.
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private void moveOne(Admin admin, Stop stop)
      throws ExecutionException, TimeoutException, InterruptedException, IOException {
    var all = replicas(admin);
    var nodes = new TreeSet<Integer>();
    all.values().forEach(nodes::addAll);
    if (nodes.size() < 2) {
      return;
    }
    var partition = List.copyOf(all.keySet()).get(random.nextInt(all.size()));
    var goal = otherThan(all.getOrDefault(partition, List.of()), nodes);
    long op =
        recorder.moveInvoked(
            partition, goal.stream().map(String::valueOf).collect(Collectors.joining(",")));
    try {
      alter(admin, partition, Optional.of(new NewPartitionReassignment(goal)));
      if (random.nextInt(MOVES_TO_A_CANCEL) == 0 && !stop.after(random.nextInt(CANCEL_AFTER_MS))) {
        cancel(admin, partition);
      }
      awaitEnd(admin, partition, goal, op, stop);
    } catch (ExecutionException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      recorder.moveDone(op, Outcome.UNKNOWN, cause.getClass().getSimpleName());
    } catch (TimeoutException e) {
      recorder.moveDone(op, Outcome.UNKNOWN, "TimeoutException");
    }
  }

  private static Map<TopicPartition, List<Integer>> replicas(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    Set<String> used = new TreeSet<>(List.of(OFFSETS));
    Arrays.stream(Workload.values()).forEach(each -> used.addAll(each.topics().keySet()));
    used.retainAll(get(admin.listTopics(new ListTopicsOptions().listInternal(true)).names()));
    var all = new TreeMap<TopicPartition, List<Integer>>(PartitionMoves::compare);
    get(admin.describeTopics(used).allTopicNames())
        .forEach(
            (topic, described) -> {
              for (var partition : described.partitions()) {
                all.put(new TopicPartition(topic, partition.partition()), ids(partition));
              }
            });
    return all;
  }

  private static int compare(TopicPartition one, TopicPartition other) {
    int topics = one.topic().compareTo(other.topic());
    return topics != 0 ? topics : Integer.compare(one.partition(), other.partition());
  }

  private static List<Integer> ids(TopicPartitionInfo partition) {
    return partition.replicas().stream().map(Node::id).toList();
  }

  /** As many of these nodes, not the present ones with the present one first. */
  private List<Integer> otherThan(List<Integer> present, Set<Integer> nodes) {
    var shuffled = new ArrayList<>(nodes);
    do {
      Collections.shuffle(shuffled, random);
    } while (isSame(shuffled.subList(0, present.size()), present));
    return List.copyOf(shuffled.subList(0, present.size()));
  }

  /** The first is to lead; the order of the others means nothing. */
  private static boolean isSame(List<Integer> one, List<Integer> other) {
    return !other.isEmpty()
        && one.getFirst().equals(other.getFirst())
        && Set.copyOf(one).equals(Set.copyOf(other));
  }

  private static void alter(
      Admin admin, TopicPartition partition, Optional<NewPartitionReassignment> goal)
      throws ExecutionException, TimeoutException, InterruptedException {
    var unused = get(admin.alterPartitionReassignments(Map.of(partition, goal)).all());
  }

  private static void cancel(Admin admin, TopicPartition partition)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      alter(admin, partition, Optional.empty());
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof NoReassignmentInProgressException)) {
        throw e;
      }
    }
  }

  private void awaitEnd(
      Admin admin, TopicPartition partition, List<Integer> goal, long op, Stop stop)
      throws TimeoutException, InterruptedException, IOException {
    long start = System.nanoTime();
    while (!stop.after(LOOK_MS)) {
      try {
        var moving = get(admin.listPartitionReassignments(Set.of(partition)).reassignments());
        if (moving.isEmpty()) {
          boolean isThere = isSame(goal, replicas(admin).getOrDefault(partition, List.of()));
          recorder.moveDone(op, isThere ? Outcome.OK : Outcome.FAILED, isThere ? "" : "taken back");
          return;
        }
      } catch (ExecutionException unavailable) {
        // Nobody says; it may be said later.
      }
      if (System.nanoTime() - start > PATIENCE_NS) {
        throw new TimeoutException();
      }
    }
  }

  private static <T> T get(KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(2 * Clients.CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }
}
