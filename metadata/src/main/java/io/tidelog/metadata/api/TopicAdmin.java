package io.tidelog.metadata.api;

import io.tidelog.core.Fault;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * Changes topics and settings. Callable from any thread; never blocks. A stage completes on the
 * metadata lane when the change is durable, the current {@link ClusterImage} shows it and the hot
 * tier has opened, closed or configured the partitions. It fails with {@link Fault.Refused} as
 * Kafka refuses, else with another {@link Fault}. Calls made together share group commits.
 */
public interface TopicAdmin {

  /**
   * Refusals: {@code INVALID_TOPIC_EXCEPTION}, {@code TOPIC_ALREADY_EXISTS}, {@code
   * INVALID_PARTITIONS}, {@code INVALID_REPLICATION_FACTOR}, {@code INVALID_REPLICA_ASSIGNMENT},
   * {@code INVALID_CONFIG}, {@code INVALID_REQUEST}, {@code POLICY_VIOLATION} (over a limit).
   *
   * @return the topic as created, or as it would be
   */
  CompletionStage<TopicImage> create(NewTopic topic, boolean validateOnly);

  /** Deletes a topic and its records in both tiers. Refusal: {@code UNKNOWN_TOPIC_ID}. */
  CompletionStage<Void> delete(UUID topicId);

  /**
   * Grows a topic to {@code request.total()} partitions. Refusals: {@code
   * UNKNOWN_TOPIC_OR_PARTITION}, {@code INVALID_PARTITIONS}, {@code INVALID_REPLICA_ASSIGNMENT},
   * {@code POLICY_VIOLATION}.
   */
  CompletionStage<TopicImage> addPartitions(MorePartitions request, boolean validateOnly);

  /**
   * Changes a topic's own settings. Refusals: {@code UNKNOWN_TOPIC_OR_PARTITION}, {@code
   * INVALID_CONFIG}, {@code INVALID_REQUEST}.
   */
  CompletionStage<TopicImage> alterConfigs(String name, ConfigUpdate update, boolean validateOnly);

  /**
   * Changes dynamic broker settings. Refusals: {@code INVALID_REQUEST} for a setting that cannot
   * change while the node runs or a value that is wrong, as Kafka.
   *
   * @param nodeId a node, or {@link #ALL_NODES}
   * @return what is set on that resource afterwards
   */
  CompletionStage<Map<String, String>> alterNodeConfigs(
      int nodeId, ConfigUpdate update, boolean validateOnly);

  /** Stands for the cluster-wide defaults, Kafka's broker resource with an empty name. */
  int ALL_NODES = -1;
}
