package io.tidelog.gateway.handler;

import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.InternalTopics;
import io.tidelog.metadata.api.TopicImage;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** Which partition of the offsets topic a group lives in, as Kafka's coordinators compute it. */
public final class GroupHomes {

  private GroupHomes() {}

  /** The offsets topic, or null when there is none yet. */
  public static @Nullable TopicImage offsets(ClusterImage cluster) {
    return cluster.topic(InternalTopics.CONSUMER_OFFSETS);
  }

  public static int partition(TopicImage offsets, String group) {
    return Utils.abs(group.hashCode()) % offsets.partitionCount();
  }
}
