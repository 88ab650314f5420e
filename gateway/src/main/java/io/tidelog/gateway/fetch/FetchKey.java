package io.tidelog.gateway.fetch;

import java.util.UUID;

/**
 * A partition as the client names it: by topic id since Fetch v13, by topic name before.
 *
 * @param topic empty when named by id
 * @param topicId {@link #NO_ID} when named by name
 */
public record FetchKey(String topic, UUID topicId, int partition) {

  public static final UUID NO_ID = new UUID(0, 0);

  public static FetchKey of(String topic, int partition) {
    return new FetchKey(topic, NO_ID, partition);
  }

  public static FetchKey of(UUID topicId, int partition) {
    return new FetchKey("", topicId, partition);
  }

  public boolean isById() {
    return topic.isEmpty();
  }
}
