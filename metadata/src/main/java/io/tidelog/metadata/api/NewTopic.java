package io.tidelog.metadata.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A topic to be created.
 *
 * @param partitions {@link #DEFAULT} for the node's {@code num.partitions}; must be it when there
 *     are {@code assignments}
 * @param replicationFactor {@link #DEFAULT} for the node's {@code default.replication.factor}; must
 *     be it when there are {@code assignments}
 * @param assignments replicas by partition, or null
 */
public record NewTopic(
    String name,
    int partitions,
    int replicationFactor,
    @Nullable Map<Integer, List<Integer>> assignments,
    Map<String, String> configs) {

  public static final int DEFAULT = -1;
}
