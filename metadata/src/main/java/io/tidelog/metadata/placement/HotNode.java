package io.tidelog.metadata.placement;

import io.tidelog.metadata.api.NodeRegistration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A live node that may get logs. */
public record HotNode(int id, @Nullable String rack, UUID disk) {

  /** Those that hold logs and are to go on doing so, by id. */
  public static List<HotNode> of(Collection<NodeRegistration> nodes) {
    return nodes.stream()
        .filter(node -> node.isHot() && !node.draining())
        .map(
            node ->
                new HotNode(node.id(), node.rack(), Objects.requireNonNull(node.disk(), "disk")))
        .sorted(Comparator.comparingInt(HotNode::id))
        .toList();
  }

  /** One that is not there: nothing is known of its rack. */
  static HotNode unknown(int id) {
    return new HotNode(id, null, new UUID(0, 0));
  }

  boolean isInRackOf(HotNode other) {
    return rack != null && rack.equals(other.rack);
  }
}
