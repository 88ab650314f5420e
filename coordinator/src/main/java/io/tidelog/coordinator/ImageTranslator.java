package io.tidelog.coordinator;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.TopicImage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.jspecify.annotations.Nullable;

/**
 * Tells Kafka's coordinator which topics appeared, grew and went. Pictures that come fast are
 * skipped but for the newest, so that creating many topics costs one comparison every {@value
 * #INTERVAL_MS} ms. Owned by the coordinator's lane.
 */
final class ImageTranslator {

  static final long INTERVAL_MS = 20;

  private final GroupCoordinator coordinator;
  private final Lane lane;
  private final Clock clock;
  private @Nullable ClusterImage told;
  private MetadataImage toldView = MetadataImage.EMPTY;
  private @Nullable ClusterImage waiting;
  private long earliestNextNs;
  private boolean stopped;

  ImageTranslator(GroupCoordinator coordinator, Lane lane, Clock clock) {
    this.coordinator = coordinator;
    this.lane = lane;
    this.clock = clock;
    this.earliestNextNs = clock.monotonicNs();
  }

  void onImage(ClusterImage image) {
    boolean scheduled = waiting != null;
    waiting = image;
    if (scheduled) {
      return;
    }
    if (clock.monotonicNs() - earliestNextNs >= 0) {
      tell();
    } else {
      lane.executeAt(earliestNextNs, this::tell);
    }
  }

  /** The coordinator takes nothing more. */
  void stop() {
    stopped = true;
  }

  private void tell() {
    var image = waiting;
    waiting = null;
    if (image == null || stopped) {
      return;
    }
    earliestNextNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(INTERVAL_MS);
    var view = ClusterImageView.of(image);
    coordinator.onMetadataUpdate(delta(image), view);
    told = image;
    toldView = view;
  }

  /**
   * Names topics only; what they look like now is read from the image. Nothing is named at first,
   * when no group is loaded yet.
   */
  private MetadataDelta delta(ClusterImage image) {
    var delta = new MetadataDelta.Builder().setImage(toldView).build();
    var before = told;
    if (before == null) {
      return delta;
    }
    for (var topic : before.topics()) {
      if (image.topic(topic.id()) == null) {
        delta.replay(new RemoveTopicRecord().setTopicId(ClusterImageView.uuid(topic.id())));
      }
    }
    for (var topic : image.topics()) {
      var known = before.topic(topic.id());
      if (known == null) {
        delta.replay(
            new TopicRecord().setName(topic.name()).setTopicId(ClusterImageView.uuid(topic.id())));
      }
      if (known == null || known.partitionCount() != topic.partitionCount()) {
        delta.replay(lastPartition(image, topic));
      }
    }
    return delta;
  }

  private static PartitionRecord lastPartition(ClusterImage image, TopicImage topic) {
    return ClusterImageView.anyPartition(image)
        .setTopicId(ClusterImageView.uuid(topic.id()))
        .setPartitionId(topic.partitionCount() - 1);
  }
}
