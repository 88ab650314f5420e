package io.tidelog.chaos;

import io.tidelog.chaos.client.Workload;
import io.tidelog.chaos.world.Pause;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics of workloads, and those that nobody uses. */
final class Topics {

  private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(60);
  private static final long RETRY_MS = 300;
  private static final int IDLE_PARTITIONS_PER_TOPIC = 1_000;

  private Topics() {}

  /**
   * @param idlePartitions of topics that nobody uses
   * @throws IOException when the cluster does not take them
   */
  static void create(String bootstrap, List<Workload> workloads, int idlePartitions, int replicas)
      throws IOException {
    var topics = new ArrayList<NewTopic>();
    for (int first = 0; first < idlePartitions; first += IDLE_PARTITIONS_PER_TOPIC) {
      int count = Math.min(IDLE_PARTITIONS_PER_TOPIC, idlePartitions - first);
      topics.add(
          new NewTopic("idle-" + first, count, (short) replicas).configs(settings(replicas)));
    }
    for (var workload : workloads) {
      workload
          .topics()
          .forEach(
              (name, partitions) -> {
                Map<String, String> settings = new HashMap<>(workload.topicSettings());
                settings.putAll(settings(replicas));
                topics.add(new NewTopic(name, partitions, (short) replicas).configs(settings));
              });
    }
    long deadline = System.nanoTime() + DEADLINE_NS;
    try (var admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap))) {
      for (var topic : topics) {
        create(admin, topic, deadline);
      }
    }
  }

  private static Map<String, String> settings(int replicas) {
    return Map.of("min.insync.replicas", Integer.toString(Math.min(2, replicas)));
  }

  private static void create(Admin admin, NewTopic topic, long deadline) throws IOException {
    while (true) {
      try {
        var unused = admin.createTopics(List.of(topic)).all().get();
        return;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof TopicExistsException) {
          return;
        }
        if (System.nanoTime() - deadline > 0) {
          throw new IOException("topic " + topic.name() + " cannot be created", e.getCause());
        }
        Pause.ms(RETRY_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }
}
