package io.tidelog.metadata.api;

import java.util.Set;

/**
 * The topics the server keeps its own state in, by Kafka's names; users may not produce to them.
 */
public final class InternalTopics {

  public static final String CONSUMER_OFFSETS = "__consumer_offsets";
  public static final String TRANSACTION_STATE = "__transaction_state";
  public static final String SHARE_GROUP_STATE = "__share_group_state";

  /** Kafka's own log of metadata, which nobody may create. */
  public static final String CLUSTER_METADATA = "__cluster_metadata";

  private static final Set<String> ALL =
      Set.of(CONSUMER_OFFSETS, TRANSACTION_STATE, SHARE_GROUP_STATE);

  private InternalTopics() {}

  public static boolean isInternal(String topic) {
    return ALL.contains(topic);
  }
}
