package io.tidelog.core;

import java.util.UUID;

/**
 * Names one partition of one topic for as long as the topic lives; a topic created again under the
 * same name has another {@code topicId}.
 *
 * @param topicId the topic's id, as Kafka clients see it
 * @param partition the partition's index in its topic, from 0
 */
public record PartitionId(UUID topicId, int partition) {

  public PartitionId {
    if (partition < 0) {
      throw new IllegalArgumentException("partition " + partition + " is negative");
    }
  }

  @Override
  public String toString() {
    return topicId + "-" + partition;
  }
}
