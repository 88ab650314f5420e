package io.tidelog.gateway.handler;

import io.tidelog.gateway.forward.ShownLeaders;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.NodeImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Nodes as a client is told to reach them: this node at the address of the listener the client came
 * in by, so that it stays on the network it can reach.
 */
public final class SeenNodes {

  /**
   * How {@code kafka-reassign-partitions} calls itself. It takes only replicas that are brokers,
   * and changes settings of theirs.
   */
  private static final String REASSIGNMENT_TOOL = "reassign-partitions-tool";

  private SeenNodes() {}

  /**
   * All brokers there are for whoever sent {@code request}: the gateways that are alive, and where
   * {@value #REASSIGNMENT_TOOL} asks every other node, too, at the address of the gateway that
   * speaks for it. Others do not see those, as what they ask of each broker would be answered
   * twice.
   */
  public static List<NodeImage> brokers(ClientRequest request, ClusterImage cluster) {
    var brokers = new ArrayList<NodeImage>();
    cluster.nodes().forEach(node -> brokers.add(seenBy(request, cluster, node)));
    if (REASSIGNMENT_TOOL.equals(request.clientId())) {
      var shown = ShownLeaders.of(cluster, null);
      for (var node : cluster.registrations()) {
        var speaker = cluster.node(shown.speaker(node.id()));
        if (cluster.node(node.id()) == null && speaker != null) {
          var at = seenBy(request, cluster, speaker);
          brokers.add(new NodeImage(node.id(), at.host(), at.port(), node.rack()));
        }
      }
    }
    return brokers;
  }

  /** {@code node} as whoever sent {@code request} should see it. */
  public static NodeImage seenBy(ClientRequest request, ClusterImage cluster, NodeImage node) {
    if (node.id() != cluster.nodeId()) {
      return node;
    }
    var told = request.advertised();
    return new NodeImage(node.id(), told.host(), told.port(), node.rack());
  }
}
