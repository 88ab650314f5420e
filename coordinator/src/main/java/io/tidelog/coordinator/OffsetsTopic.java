package io.tidelog.coordinator;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.TopicAdmin;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.internals.Topic;
import org.jspecify.annotations.Nullable;

/** The topic in which groups keep their offsets, made when a group first needs it. Any thread. */
public final class OffsetsTopic {

  static final String NAME = Topic.GROUP_METADATA_TOPIC_NAME;

  private final GroupsConfig config;
  private final ClusterImages images;
  private final TopicAdmin topics;

  public OffsetsTopic(GroupsConfig config, ClusterImages images, TopicAdmin topics) {
    this.config = config;
    this.images = images;
    this.topics = topics;
  }

  /**
   * Makes the topic unless it is there.
   *
   * @return fails with {@code Retriable}; the next call tries again
   */
  public CompletionStage<Void> create() {
    if (images.current().topic(NAME) != null) {
      return CompletableFuture.completedStage(null);
    }
    return topics.create(wanted(), false).handle((created, failure) -> requireMade(failure));
  }

  private static Void requireMade(@Nullable Throwable failure) {
    var cause = failure instanceof CompletionException e ? e.getCause() : failure;
    boolean isThere =
        cause == null
            || (cause instanceof Fault.Refused refused
                && refused.refusal() == Refusal.TOPIC_ALREADY_EXISTS);
    if (!isThere) {
      throw new Fault.Retriable("the offsets topic could not be created", cause);
    }
    return null;
  }

  /** As Kafka's coordinator wants it. */
  private NewTopic wanted() {
    var kafka = config.toKafka();
    return new NewTopic(
        NAME,
        kafka.offsetsTopicPartitions(),
        kafka.offsetsTopicReplicationFactor(),
        null,
        Map.of(
            "cleanup.policy", "compact",
            "compression.type", "producer",
            "segment.bytes", Integer.toString(kafka.offsetsTopicSegmentBytes())));
  }
}
