package io.tidelog.chaos.cluster;

import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.world.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaFuture;
import org.jspecify.annotations.Nullable;

/** Roles as any Kafka client learns them. */
final class AdminRoles implements Roles {

  private static final long TIMEOUT_MS = 10_000;

  private final Admin admin;
  private final IntFunction<@Nullable Server> nodeById;

  AdminRoles(String bootstrap, IntFunction<@Nullable Server> nodeById) {
    this.nodeById = nodeById;
    var config = new Properties();
    config.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000);
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) TIMEOUT_MS - 1_000);
    config.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    config.put(AdminClientConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, 1_000);
    admin = Admin.create(config);
  }

  Admin admin() {
    return admin;
  }

  @Override
  public Map<Place, Server> leaders(Collection<String> topics) throws IOException {
    var leaders = new TreeMap<Place, Server>();
    get(admin.describeTopics(topics).allTopicNames())
        .forEach(
            (topic, described) -> {
              for (var partition : described.partitions()) {
                var leader =
                    partition.leader() == null ? null : nodeById.apply(partition.leader().id());
                if (leader != null) {
                  leaders.put(new Place(topic, partition.partition()), leader);
                }
              }
            });
    return leaders;
  }

  /** Of the quorum: what describeCluster names as controller is any broker. */
  @Override
  public Optional<Server> controller() throws IOException {
    var quorum = get(admin.describeMetadataQuorum().quorumInfo());
    return Optional.ofNullable(nodeById.apply(quorum.leaderId()));
  }

  @Override
  public Optional<Server> coordinator(String group) throws IOException {
    var described = get(admin.describeConsumerGroups(List.of(group)).all()).get(group);
    return described == null || described.coordinator() == null
        ? Optional.empty()
        : Optional.ofNullable(nodeById.apply(described.coordinator().id()));
  }

  @Override
  public Optional<Server> etcdLeader() {
    return Optional.empty();
  }

  @Override
  public List<String> behind(Collection<String> topics) throws IOException {
    var behind = new ArrayList<String>();
    get(admin.describeTopics(topics).allTopicNames())
        .forEach(
            (topic, described) -> {
              for (var partition : described.partitions()) {
                if (partition.isr().size() < partition.replicas().size()) {
                  behind.add(topic + "-" + partition.partition() + " in sync " + partition.isr());
                }
              }
            });
    return behind;
  }

  @Override
  public List<String> moving() throws IOException {
    return get(admin.listPartitionReassignments().reassignments()).entrySet().stream()
        .map(move -> move.getKey() + " moves: " + move.getValue())
        .toList();
  }

  static <T> T get(KafkaFuture<T> future) throws IOException {
    try {
      return future.get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the cluster does not say: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
