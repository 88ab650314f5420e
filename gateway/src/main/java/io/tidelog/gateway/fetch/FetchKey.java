package io.tidelog.gateway.fetch;

import io.tidelog.core.PartitionId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A partition as the client names it: by topic id since Fetch v13, by topic name before.
 *
 * @param topic empty when named by id
 * @param id null when named by name, or by an index that no partition can have
 */
public record FetchKey(String topic, UUID topicId, int partition, @Nullable PartitionId id) {

  public static final UUID NO_ID = new UUID(0, 0);

  public static FetchKey of(String topic, int partition) {
    return new FetchKey(topic, NO_ID, partition, null);
  }

  public static FetchKey of(UUID topicId, int partition) {
    return new FetchKey(
        "", topicId, partition, partition < 0 ? null : new PartitionId(topicId, partition));
  }

  public boolean isById() {
    return topic.isEmpty();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FetchKey key
        && partition == key.partition
        && topicId.equals(key.topicId)
        && topic.equals(key.topic);
  }

  @Override
  public int hashCode() {
    return (topic.hashCode() * 31 + topicId.hashCode()) * 31 + partition;
  }
}
