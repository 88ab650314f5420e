package io.tidelog.metadata.image;

import io.tidelog.core.LogId;
import java.util.UUID;

/** Where things are kept in the store. */
public final class Keys {

  /** Cluster id and generation. */
  public static final String CLUSTER = "cluster";

  /** First producer id not reserved yet. */
  public static final String PRODUCER_IDS = "producer-ids";

  /** Who is alive, each under its own lease. */
  public static final String NODES = "nodes/";

  /** Nodes that an operator wants to lead and hold nothing, alive or not. */
  public static final String DRAINS = "drains/";

  /** Ids of nodes that have no folder to keep theirs in, by name. */
  public static final String NODE_NAMES = "node-names/";

  /** The node that places logs and cleans up, under its lease. */
  public static final String CONTROLLER = "controller";

  /** How many logs each class was ever given. */
  public static final String LOG_CLASSES = "log-classes/";

  public static final String LOGS = "logs/";

  /** Where logs were before an operator had them held elsewhere, until they are there. */
  public static final String REASSIGNMENTS = "reassignments/";

  /** Logs that an operator placed, and that stay there. */
  public static final String PLACEMENTS = "placements/";

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

  public static String drain(int id) {
    return DRAINS + id;
  }

  public static String nodeName(String name) {
    return NODE_NAMES + name;
  }

  public static String logClass(int replicas, int minInSync) {
    return LOG_CLASSES + replicas + "-" + minInSync;
  }

  public static LogId logOf(String key) {
    return new LogId(UUID.fromString(key.substring(LOGS.length())));
  }

  public static String log(LogId log) {
    return LOGS + log.uuid();
  }

  public static String reassignment(LogId log) {
    return REASSIGNMENTS + log.uuid();
  }

  public static LogId reassignedLogOf(String key) {
    return new LogId(UUID.fromString(key.substring(REASSIGNMENTS.length())));
  }

  public static String placement(LogId log) {
    return PLACEMENTS + log.uuid();
  }

  public static LogId placedLogOf(String key) {
    return new LogId(UUID.fromString(key.substring(PLACEMENTS.length())));
  }

  public static String nodeConfigs(int nodeId) {
    return NODE_CONFIGS + nodeId;
  }
}
