package io.tidelog.gateway.handler;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.NodeImage;

/**
 * Nodes as a client is told to reach them: this node at the address of the listener the client came
 * in by, so that it stays on the network it can reach.
 */
public final class SeenNodes {

  private SeenNodes() {}

  /** {@code node} as whoever sent {@code request} should see it. */
  public static NodeImage seenBy(ClientRequest request, ClusterImage cluster, NodeImage node) {
    if (node.id() != cluster.nodeId()) {
      return node;
    }
    var told = request.advertised();
    return new NodeImage(node.id(), told.host(), told.port(), node.rack());
  }
}
