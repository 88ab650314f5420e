package io.tidelog.gateway.forward;

import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.TopicImage;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which gateway clients of one zone are told for each partition; the same on every gateway that has
 * the same picture. Immutable, made for one answer.
 *
 * <p>It is the leader's own, when the node that leads is a gateway too, so that nothing has to be
 * forwarded. Otherwise it is one of the client's zone, or of all when its zone has none, also while
 * nobody leads: gateways hold requests meanwhile.
 */
public final class ShownLeaders {

  /** There is no gateway. */
  public static final int NOBODY = -1;

  /** Stands for the controller among things that a node is chosen for. */
  private static final long CONTROLLER = -1;

  private final ClusterImage image;
  private final List<Integer> gateways;
  private final List<Integer> allGateways;

  private ShownLeaders(ClusterImage image, List<Integer> gateways, List<Integer> allGateways) {
    this.image = image;
    this.gateways = gateways;
    this.allGateways = allGateways;
  }

  /**
   * @param zone of the client, null when nobody knows
   */
  public static ShownLeaders of(ClusterImage image, @Nullable String zone) {
    var all = image.nodes().stream().map(NodeImage::id).toList();
    var near =
        zone == null
            ? all
            : image.nodes().stream()
                .filter(node -> Objects.equals(node.rack(), zone))
                .map(NodeImage::id)
                .toList();
    return new ShownLeaders(image, near.isEmpty() ? all : near, all);
  }

  /** The gateway to be told as the leader of a partition, or {@link #NOBODY}. */
  public int leader(TopicImage topic, int partition) {
    var route = Route.of(image, topic, partition);
    if (route != null && image.node(route.node()) != null) {
      return route.node();
    }
    return gateways.isEmpty() ? NOBODY : Rendezvous.choose(gateways, topic.id(), partition);
  }

  /**
   * The leader epoch clients see, −1 when nobody led yet. It rises with each leader, wherever
   * clients are told to go.
   */
  public int leaderEpoch(TopicImage topic, int partition) {
    var log = image.log(topic.homes().home(partition));
    return log == null || log.term() == 0
        ? -1
        : (int) (topic.homes().baseEpoch(partition) + log.term());
  }

  /** The gateway to be told as controller: any takes what a controller takes. */
  public int controller() {
    if (image.node(image.controllerId()) != null) {
      return image.controllerId();
    }
    return allGateways.isEmpty() ? NOBODY : Rendezvous.choose(allGateways, CONTROLLER);
  }

  /** The one gateway that speaks for a node that is none itself. */
  public int speaker(int nodeId) {
    return allGateways.isEmpty() ? NOBODY : Rendezvous.choose(allGateways, nodeId);
  }
}
