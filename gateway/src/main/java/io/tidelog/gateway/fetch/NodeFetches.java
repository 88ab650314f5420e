package io.tidelog.gateway.fetch;

import io.tidelog.core.PartitionId;
import java.util.List;

/**
 * The other nodes, as the fetches of one client's connection see them. Everything is called on that
 * connection's event loop.
 */
public interface NodeFetches {

  /** As {@link #leaderOf}: this node leads it. */
  int HERE = -1;

  /** As {@link #leaderOf}: nobody leads it for the moment. */
  int NOBODY = -2;

  /** The node that leads a partition as the picture shows it, {@link #HERE} or {@link #NOBODY}. */
  int leaderOf(PartitionId partition);

  /**
   * Asks a node for what it leads; a further call for the same node makes it answer the one before
   * at once.
   *
   * @param asks named by topic id
   * @param receiver told once, later or inside this call; answers come in the order of the calls
   */
  void fetch(int node, List<PartitionFetch> asks, FetchLimits limits, Receiver receiver);

  /** Calls {@link ConnectionFetches#retry} soon, and when the picture changes, until told off. */
  void holdOn(boolean on);

  /** Takes what a node answered. */
  interface Receiver {

    /** Takes the bytes in {@code answers}, which are named by topic id. */
    void onAnswered(List<PartitionAnswer> answers);

    /** There will be no answer. */
    void onLost();
  }
}
