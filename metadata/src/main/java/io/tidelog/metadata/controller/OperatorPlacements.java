package io.tidelog.metadata.controller;

import io.tidelog.core.LogId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.image.ClusterMembers.Placement;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.placement.HotNode;
import java.util.List;

/**
 * Which logs stay where an operator placed them, and so are not spread; pure. They do while the
 * same nodes may hold logs: until one joins, is drained or leaves. One that is not alive for a
 * while, as when it is restarted, has not left: it still holds its logs.
 */
final class OperatorPlacements {

  private OperatorPlacements() {}

  /** The nodes that an operator has to choose from now. */
  static List<Integer> nodes(ClusterView view) {
    return HotNode.of(view.registrations()).stream().map(HotNode::id).toList();
  }

  /** Whether a log is to stay where it is. */
  static boolean isPlaced(ClusterView view, LogRecord log) {
    var placement = view.members().placements().get(log.id());
    return placement != null && holds(view, log.id(), placement);
  }

  /** Whether what an operator said of a log still counts. */
  static boolean holds(ClusterView view, LogId log, Placement placement) {
    return view.log(log) != null
        && placement.nodes().containsAll(nodes(view))
        && placement.nodes().stream()
            .noneMatch(node -> view.members().drains().contains(node) || hasLeft(view, node));
  }

  private static boolean hasLeft(ClusterView view, int node) {
    return view.registration(node) == null
        && view.logs().stream().noneMatch(log -> log.replicas().contains(node));
  }
}
