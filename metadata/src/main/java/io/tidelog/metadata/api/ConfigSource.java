package io.tidelog.metadata.api;

/** Where a value was set, the strongest first, as DescribeConfigs tells it. */
public enum ConfigSource {
  /** On the topic itself. */
  TOPIC,
  /** On one node, while it runs. */
  NODE,
  /** On all nodes, while they run. */
  CLUSTER,
  /** In the node's configuration file. */
  FILE,
  /** Nowhere. */
  DEFAULT
}
