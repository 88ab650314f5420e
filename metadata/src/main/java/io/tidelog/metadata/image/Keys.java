package io.tidelog.metadata.image;

import io.tidelog.core.LogId;

/** Where things are kept in the store. */
public final class Keys {

  /** Cluster id and generation. */
  public static final String CLUSTER = "cluster";

  /** First producer id not reserved yet. */
  public static final String PRODUCER_IDS = "producer-ids";

  public static final String NODES = "nodes/";
  public static final String LOGS = "logs/";
  public static final String TOPICS = "topics/";

  /** Dynamic broker settings of one node, or of all. */
  public static final String NODE_CONFIGS = "configs/nodes/";

  public static final String ALL_NODE_CONFIGS = NODE_CONFIGS + "all";

  private Keys() {}

  public static String topic(String name) {
    return TOPICS + name;
  }

  public static String node(int id) {
    return NODES + id;
  }

  public static String log(LogId log) {
    return LOGS + log.uuid();
  }

  public static String nodeConfigs(int nodeId) {
    return NODE_CONFIGS + nodeId;
  }
}
