package io.tidelog.app.node;

import io.tidelog.app.admin.HealthRoutes;
import io.tidelog.hot.node.CopyStats;
import io.tidelog.hot.runtime.LogStats;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.NodeRegistration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether clients may be sent to a started node, and why not. An etcd that is away is no reason: a
 * cluster serves on without it, and if all gateways called themselves unready for it a load
 * balancer would have nobody left, and an Auto Scaling group replace them. From any thread.
 */
final class Readiness implements HealthRoutes.NotReadyReason {

  private final Supplier<ClusterImage> image;
  private final @Nullable HotRole hot;
  private volatile boolean isStopping;

  /**
   * @param hot null without that role
   */
  Readiness(Supplier<ClusterImage> image, @Nullable HotRole hot) {
    this.image = image;
    this.hot = hot;
  }

  /** Sends clients elsewhere from now on. */
  void stopping() {
    isStopping = true;
  }

  boolean isStopping() {
    return isStopping;
  }

  @Override
  public @Nullable String now() {
    if (isStopping) {
      return "the node is being stopped\n";
    }
    var reason = missing(image.get());
    if (reason != null || hot == null) {
      return reason;
    }
    return missing(hot.served().stats(), hot.tier().copies());
  }

  /** What the cluster lacks, as this node sees it. */
  static @Nullable String missing(ClusterImage image) {
    if (image.registration(image.nodeId()) == null) {
      return "the cluster does not know this node, which registers again\n";
    }
    return image.registrations().stream().anyMatch(NodeRegistration::isHot)
        ? null
        : "no node with the role hot is alive\n";
  }

  /** What an operator has to do about a node that holds logs; null when it does all it should. */
  static @Nullable String missing(LogStats led, CopyStats copies) {
    if (led.isBroken()) {
      return "the log refuses everything until a restart\n";
    }
    if (copies.broken() > 0) {
      return copies.broken() + " of " + copies.held() + " logs here stopped until a restart\n";
    }
    if (led.isFull() || copies.full() > 0) {
      return "the disk is full; with tidelog.disk.resume.bytes of it free records are taken again\n";
    }
    return copies.notOpened() > 0
        ? copies.notOpened() + " logs here cannot be opened, tried again; the node's log says why\n"
        : null;
  }
}
