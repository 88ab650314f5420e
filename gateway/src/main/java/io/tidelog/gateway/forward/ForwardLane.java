package io.tidelog.gateway.forward;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What one event loop forwards for its clients: wakes those that hold something when the picture of
 * the cluster changes, and those whose time has come. Owned by that loop.
 */
public final class ForwardLane {

  /** A request is given up at most this much later than it says. */
  static final long SWEEP_NS = 20_000_000;

  private final Lane loop;
  private final ClusterImages images;
  private final Clock clock;
  private final ForwardConfig config;
  private final Set<ForwardLink> links = new LinkedHashSet<>();
  private final Set<ForwardLink> waiting = new LinkedHashSet<>();
  private final Set<Follower> followers = new LinkedHashSet<>();
  private final Set<Follower> holding = new LinkedHashSet<>();
  private boolean sweepPlanned;

  /** Published: lets a new picture pass by a loop that forwards nothing. */
  private volatile boolean used;

  ForwardLane(Lane loop, ClusterImages images, Clock clock, ForwardConfig config) {
    this.loop = loop;
    this.images = images;
    this.clock = clock;
    this.config = config;
  }

  /** Something else of a connection that depends on who leads. */
  public interface Follower {

    /** Whether it waits for somebody to lead, or for a while to pass. */
    boolean isHolding();

    /** Perhaps somebody else leads now, or a while has passed. */
    void retry();

    /** Nodes came or went. */
    void onNodes(ClusterImage image);
  }

  /** Tells the follower of new pictures until {@link #unfollow}. */
  public void follow(Follower follower) {
    followers.add(follower);
    used = true;
  }

  public void unfollow(Follower follower) {
    followers.remove(follower);
    holding.remove(follower);
    publish();
  }

  /** The follower begins to hold something, or does no more. */
  public void onHolding(Follower follower) {
    if (follower.isHolding() && followers.contains(follower)) {
      holding.add(follower);
      planSweep();
    } else {
      holding.remove(follower);
    }
  }

  /** What a connection of this loop asks of other nodes; closed with the connection. */
  public ForwardLink open(Pieces.Sender sender) {
    var link = new ForwardLink(this, sender);
    links.add(link);
    used = true;
    return link;
  }

  public ClusterImage image() {
    return images.current();
  }

  public Clock clock() {
    return clock;
  }

  public ForwardConfig config() {
    return config;
  }

  public Lane loop() {
    return loop;
  }

  /** From any thread. */
  boolean isUsed() {
    return used;
  }

  /**
   * There is a new picture.
   *
   * @param nodesChanged whether nodes came or went
   */
  void onPicture(boolean nodesChanged) {
    for (var link : List.copyOf(links)) {
      if (nodesChanged) {
        link.onNodes();
      }
      if (link.isHolding()) {
        link.retry();
      }
    }
    if (nodesChanged) {
      List.copyOf(followers).forEach(follower -> follower.onNodes(image()));
    }
    List.copyOf(holding).forEach(Follower::retry);
  }

  /** The link waits for something, or no more. */
  void onState(ForwardLink link) {
    if (link.isWaiting()) {
      waiting.add(link);
      planSweep();
    } else {
      waiting.remove(link);
    }
  }

  void remove(ForwardLink link) {
    links.remove(link);
    waiting.remove(link);
    publish();
  }

  private void publish() {
    used = !links.isEmpty() || !followers.isEmpty();
  }

  private void planSweep() {
    if (!sweepPlanned) {
      sweepPlanned = true;
      var _ = loop.executeAt(clock.monotonicNs() + SWEEP_NS, this::sweep);
    }
  }

  private void sweep() {
    sweepPlanned = false;
    long nowNs = clock.monotonicNs();
    for (var link : List.copyOf(waiting)) {
      link.sweep(nowNs);
      if (link.isHolding()) {
        link.retry();
      }
    }
    List.copyOf(holding).forEach(Follower::retry);
    if (!waiting.isEmpty() || !holding.isEmpty()) {
      planSweep();
    }
  }
}
