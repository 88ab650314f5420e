package io.tidelog.metadata.api;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The cluster as it stood at one revision; immutable, cheap to keep. */
public interface ClusterImage {

  /** A Kafka Uuid: 22 characters of URL-safe base64. */
  String clusterId();

  /** As {@link #controllerId}: nobody for the moment. */
  int NO_CONTROLLER = -1;

  /** The node this picture is seen from. */
  int nodeId();

  /** The node that places logs and cleans up, or {@link #NO_CONTROLLER}. */
  int controllerId();

  /** The nodes that clients see as brokers: gateways that are alive. */
  Collection<NodeImage> nodes();

  /** One of {@link #nodes}, or null. */
  @Nullable NodeImage node(int id);

  /** Every node that is alive, whatever its roles. */
  Collection<NodeRegistration> registrations();

  /** One of {@link #registrations}, or null. */
  @Nullable NodeRegistration registration(int id);

  /** Every segment log. */
  Collection<LogRecord> logs();

  @Nullable LogRecord log(LogId id);

  /**
   * Where a partition is led and held; nowhere when the picture does not show its log. One on its
   * way is led where it was, and held also by the nodes it is to go to, as Kafka shows it.
   *
   * @throws IndexOutOfBoundsException when the topic has no such partition
   */
  default PartitionPlace place(TopicImage topic, int partition) {
    var log = log(topic.homes().home(partition));
    if (log == null) {
      return new PartitionPlace(LogRecord.NO_LEADER, List.of(), List.of(), List.of(), List.of());
    }
    var move = topic.homes().move(partition);
    var to = move == null ? null : log(move.to());
    var inSync = log.inSync().stream().map(ReplicaId::nodeId).toList();
    var replicas = new LinkedHashSet<>(to == null ? log.replicas() : to.replicas());
    replicas.addAll(log.replicas());
    replicas.addAll(inSync);
    return new PartitionPlace(
        registration(log.leader()) == null ? LogRecord.NO_LEADER : log.leader(),
        List.copyOf(replicas),
        inSync,
        log.electable().stream().map(ReplicaId::nodeId).distinct().toList(),
        replicas.stream().filter(node -> registration(node) == null).toList());
  }

  @Nullable TopicImage topic(String name);

  @Nullable TopicImage topic(UUID id);

  Collection<TopicImage> topics();

  /** Dynamic broker settings for all nodes, by Kafka's names. */
  Map<String, String> clusterConfigs();

  /** Dynamic broker settings of one node only; they win over {@link #clusterConfigs}. */
  Map<String, String> nodeConfigs(int nodeId);

  /** What topics inherit on this node, dynamic broker settings included. */
  TopicDefaults topicDefaults();

  long revision();
}
