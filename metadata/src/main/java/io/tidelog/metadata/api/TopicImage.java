package io.tidelog.metadata.api;

import io.tidelog.core.PartitionId;
import java.util.Map;
import java.util.UUID;

/**
 * A topic as it stands at some revision.
 *
 * @param configs what was set on the topic itself, by Kafka's names; nothing inherited
 * @param effective what holds, inherited values included
 * @param modRevision the store's revision of its last change
 */
public record TopicImage(
    String name,
    UUID id,
    Map<String, String> configs,
    boolean internal,
    PartitionHomes homes,
    TopicConfig effective,
    long modRevision) {

  public TopicImage {
    configs = Map.copyOf(configs);
  }

  /** The same topic, whose partitions live or move elsewhere. */
  public TopicImage withHomes(PartitionHomes next) {
    return new TopicImage(name, id, configs, internal, next, effective, modRevision);
  }

  public int partitionCount() {
    return homes.count();
  }

  public PartitionId partition(int index) {
    return new PartitionId(id, index);
  }
}
