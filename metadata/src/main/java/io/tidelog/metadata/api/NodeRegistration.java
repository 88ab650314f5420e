package io.tidelog.metadata.api;

import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node as it told the cluster of itself; it is there for as long as the node keeps its lease.
 *
 * @param id allocated once and kept
 * @param client where clients reach it; null without {@link NodeRole#GATEWAY}
 * @param internal where other nodes forward clients' requests to
 * @param replication where followers read its logs; null without {@link NodeRole#HOT}, and on a
 *     node that nobody follows
 * @param rack of {@code broker.rack}; also its zone
 * @param incarnation drawn by each process anew
 * @param disk of a node that holds logs: the disk its copies of new logs will be on; null without
 *     {@link NodeRole#HOT}
 * @param draining an operator wants it to lead and hold nothing
 */
public record NodeRegistration(
    int id,
    Set<NodeRole> roles,
    @Nullable Endpoint client,
    Endpoint internal,
    @Nullable Endpoint replication,
    @Nullable String rack,
    UUID incarnation,
    @Nullable UUID disk,
    boolean draining) {

  public NodeRegistration {
    roles = Set.copyOf(roles);
    if (id < 0
        || roles.contains(NodeRole.GATEWAY) != (client != null)
        || roles.contains(NodeRole.HOT) != (disk != null)
        || (replication != null && disk == null)) {
      throw new IllegalArgumentException(
          "node " + id + " of roles " + roles + " at " + client + ", disk " + disk);
    }
  }

  /** Whether it holds logs. */
  public boolean isHot() {
    return disk != null;
  }

  /** The same node, wanted gone or wanted back. */
  public NodeRegistration withDraining(boolean wanted) {
    return new NodeRegistration(
        id, roles, client, internal, replication, rack, incarnation, disk, wanted);
  }
}
