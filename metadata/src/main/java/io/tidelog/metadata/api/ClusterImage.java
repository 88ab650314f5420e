package io.tidelog.metadata.api;

import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The cluster as it stood at one revision; immutable, cheap to keep. */
public interface ClusterImage {

  /** A Kafka Uuid: 22 characters of URL-safe base64. */
  String clusterId();

  /** The node that answers for the cluster. */
  int controllerId();

  Collection<NodeImage> nodes();

  @Nullable NodeImage node(int id);

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
