package io.tidelog.gateway.fetch;

import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.TopicImage;
import org.jspecify.annotations.Nullable;

/** Finds the partitions clients name. From any thread. */
public final class PartitionDirectory {

  private final ClusterImages images;

  public PartitionDirectory(ClusterImages images) {
    this.images = images;
  }

  /**
   * The partition named so, or null when there is none. One named by id may be gone from the
   * cluster: the log knows.
   */
  public @Nullable PartitionId find(FetchKey key) {
    if (key.isById() || key.partition() < 0) {
      return key.id();
    }
    var topic = images.current().topic(key.topic());
    return topic == null || key.partition() >= topic.partitionCount()
        ? null
        : topic.partition(key.partition());
  }

  /** Why this node cannot serve the partition. */
  public Refusal explain(FetchKey key) {
    var topic = topic(key);
    if (topic == null) {
      return key.isById() ? Refusal.UNKNOWN_TOPIC_ID : Refusal.UNKNOWN_TOPIC_OR_PARTITION;
    }
    return key.partition() < 0 || key.partition() >= topic.partitionCount()
        ? Refusal.UNKNOWN_TOPIC_OR_PARTITION
        : Refusal.NOT_LEADER_OR_FOLLOWER;
  }

  public @Nullable TopicImage topic(FetchKey key) {
    var image = images.current();
    return key.isById() ? image.topic(key.topicId()) : image.topic(key.topic());
  }
}
