package io.tidelog.gateway.forward;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.gateway.fetch.PerLoop;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What all event loops of a gateway forward. Passes each new picture of the cluster on to the loops
 * that forward something.
 */
public final class Forwarding {

  private final ClusterImages images;
  private final PerLoop<ForwardLane> lanes;
  private final List<ForwardLane> all = new CopyOnWriteArrayList<>();

  /** The incarnations of the nodes alive; belongs to the metadata lane. */
  private Map<Integer, UUID> alive = Map.of();

  public Forwarding(ClusterImages images, Clock clock, ForwardConfig config) {
    this.images = images;
    this.lanes =
        new PerLoop<>(
            loop -> {
              var lane = new ForwardLane(loop, images, clock, config);
              all.add(lane);
              return lane;
            });
  }

  /** Follows the picture from now on; called once. */
  public void start() {
    images.onChange(this::onPicture);
  }

  public ClusterImages images() {
    return images;
  }

  /** The lane of an event loop, called on that loop. */
  public ForwardLane of(Lane loop) {
    return lanes.of(loop);
  }

  private void onPicture(ClusterImage image) {
    Map<Integer, UUID> now = new HashMap<>();
    image.registrations().forEach(node -> now.put(node.id(), node.incarnation()));
    boolean nodesChanged = !now.equals(alive);
    alive = now;
    for (var lane : all) {
      if (lane.isUsed()) {
        lane.loop().execute(() -> lane.onPicture(nodesChanged));
      }
    }
  }
}
