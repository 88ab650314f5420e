package io.tidelog.chaos.client;

import io.tidelog.chaos.history.Event.TopicAction;
import io.tidelog.chaos.history.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** Creates topics, enlarges them, sets them and deletes them; no name is used twice. */
final class TopicChurn implements Work {

  private static final long PAUSE_MS = 250;
  private static final int MOST_ALIVE = 12;
  private static final int MOST_PARTITIONS = 8;

  private final Recorder recorder;
  private final Clients clients;
  private final Random random;
  private final String prefix;
  private final List<Topic> alive = new ArrayList<>();
  private int created;

  /** A topic of ours, and how many partitions it may have by now. */
  private record Topic(String name, int partitions) {}

  /**
   * @param prefix of the names of all topics it makes
   */
  TopicChurn(Recorder recorder, Clients clients, Random random, String prefix) {
    this.recorder = recorder;
    this.clients = clients;
    this.random = random;
    this.prefix = prefix;
  }

  @Override
  public void run(Stop stop) throws IOException {
    try (var admin = clients.admin()) {
      while (!stop.after(PAUSE_MS)) {
        try {
          act(admin);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private void act(Admin admin) throws InterruptedException {
    int dice = random.nextInt(10);
    if (alive.isEmpty() || (dice < 4 && alive.size() < MOST_ALIVE)) {
      create(admin);
    } else if (dice < 6) {
      delete(admin, alive.remove(random.nextInt(alive.size())).name());
    } else if (dice < 7) {
      enlarge(admin, random.nextInt(alive.size()));
    } else if (dice < 8) {
      set(admin, alive.get(random.nextInt(alive.size())).name());
    } else {
      look(admin, alive.get(random.nextInt(alive.size())).name());
    }
  }

  private void create(Admin admin) throws InterruptedException {
    var name = prefix + created++;
    int partitions = 1 + random.nextInt(3);
    long op = recorder.topicInvoked(TopicAction.CREATE, name, partitions);
    var wish = new NewTopic(name, Optional.of(partitions), Optional.empty());
    if (end(op, admin.createTopics(List.of(wish)).all())) {
      alive.add(new Topic(name, partitions));
    }
  }

  private void delete(Admin admin, String name) throws InterruptedException {
    long op = recorder.topicInvoked(TopicAction.DELETE, name, 0);
    boolean unused = end(op, admin.deleteTopics(List.of(name)).all());
  }

  private void enlarge(Admin admin, int index) throws InterruptedException {
    var topic = alive.get(index);
    int wanted = topic.partitions() + 1;
    if (wanted > MOST_PARTITIONS) {
      return;
    }
    long op = recorder.topicInvoked(TopicAction.ADD_PARTITIONS, topic.name(), wanted);
    var wish = Map.of(topic.name(), NewPartitions.increaseTo(wanted));
    boolean unused = end(op, admin.createPartitions(wish).all());
    // Also when the outcome is unknown: the next one asks for more than either.
    alive.set(index, new Topic(topic.name(), wanted));
  }

  private void set(Admin admin, String name) throws InterruptedException {
    long retention = 1_000_000L + random.nextInt(1_000_000);
    long op = recorder.topicInvoked(TopicAction.SET_RETENTION, name, retention);
    var entry = new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention));
    var wish =
        Map.of(
            new ConfigResource(ConfigResource.Type.TOPIC, name),
            (Collection<AlterConfigOp>)
                List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET)));
    boolean unused = end(op, admin.incrementalAlterConfigs(wish).all());
  }

  private void look(Admin admin, String name) throws InterruptedException {
    long asked = System.nanoTime();
    try {
      var described =
          admin
              .describeTopics(List.of(name))
              .allTopicNames()
              .get(Clients.CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
              .get(name);
      if (described != null) {
        recorder.topicSeen(
            asked, name, described.topicId().toString(), described.partitions().size(), -1);
      }
    } catch (ExecutionException | TimeoutException unavailable) {
      // Not known everywhere yet, or nobody answers.
    }
  }

  /**
   * Whether it happened for certain. A refusal may be the answer to the client's second attempt.
   */
  private boolean end(long op, KafkaFuture<?> future) throws InterruptedException {
    try {
      var unused = future.get(2 * Clients.CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      recorder.topicDone(op, Outcome.OK, "");
      return true;
    } catch (ExecutionException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      recorder.topicDone(op, Outcome.UNKNOWN, cause.getClass().getSimpleName());
    } catch (TimeoutException e) {
      recorder.topicDone(op, Outcome.UNKNOWN, "TimeoutException");
    }
    return false;
  }
}
