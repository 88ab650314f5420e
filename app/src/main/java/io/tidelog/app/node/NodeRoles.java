package io.tidelog.app.node;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.NodeRole;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What {@code process.roles} says. */
record NodeRoles(Set<NodeRole> registered) {

  /**
   * @throws Fault.Refused {@code INVALID_CONFIG} when a node could do nothing with its roles, or
   *     when what one node offloads could not be read by the others
   */
  static NodeRoles of(NodeConfig config) {
    Set<NodeRole> roles = EnumSet.noneOf(NodeRole.class);
    config
        .get(NodeSettings.ROLES)
        .forEach(role -> roles.add(NodeRole.valueOf(role.toUpperCase(Locale.ROOT))));
    var found = new NodeRoles(Set.copyOf(roles));
    if (roles.isEmpty()) {
      throw refused(NodeSettings.ROLES.name() + " names no role");
    }
    if (NodeMetadata.isAlone(config)) {
      if (!found.isHot() || !found.isGateway()) {
        throw refused(
            NodeSettings.ROLES.name()
                + "="
                + found
                + " needs a cluster: set tidelog.etcd.endpoints, or leave the roles out");
      }
    } else if (config.get(NodeSettings.OBJECT_STORE).isEmpty()) {
      throw refused(
          "A node of a cluster needs "
              + NodeSettings.OBJECT_STORE.name()
              + ", which all of its nodes reach: s3://bucket/prefix, or file:DIR on a shared disk");
    }
    return found;
  }

  boolean isHot() {
    return registered.contains(NodeRole.HOT);
  }

  boolean isGateway() {
    return registered.contains(NodeRole.GATEWAY);
  }

  private static Fault.Refused refused(String why) {
    return new Fault.Refused(Refusal.INVALID_CONFIG, why);
  }

  @Override
  public String toString() {
    return registered.stream()
        .map(role -> role.name().toLowerCase(Locale.ROOT))
        .sorted()
        .collect(Collectors.joining(","));
  }
}
