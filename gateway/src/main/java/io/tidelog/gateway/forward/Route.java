package io.tidelog.gateway.forward;

import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.TopicImage;
import org.jspecify.annotations.Nullable;

/**
 * Who answers for a partition, or for a group: the node that leads its home log.
 *
 * @param term of that node; a node that refused in one may serve in the next
 */
public record Route(int node, long term) {

  /** Null when nobody leads, or who led is not alive. */
  public static @Nullable Route of(ClusterImage image, TopicImage topic, int partition) {
    var log = image.log(topic.homes().home(partition));
    return log == null || image.registration(log.leader()) == null
        ? null
        : new Route(log.leader(), log.term());
  }

  /** As {@link #of}, whether it is this node. */
  public static boolean isHere(ClusterImage image, TopicImage topic, int partition) {
    var log = image.log(topic.homes().home(partition));
    return log != null && log.leader() == image.nodeId();
  }
}
