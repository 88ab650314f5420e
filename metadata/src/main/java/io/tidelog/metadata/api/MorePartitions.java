package io.tidelog.metadata.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A topic to be grown, as in Kafka's CreatePartitions.
 *
 * @param total partitions wanted, the present ones included
 * @param assignments replicas of each new partition, or null
 */
public record MorePartitions(String topic, int total, @Nullable List<List<Integer>> assignments) {}
