package io.tidelog.gateway.handler.data;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.LogReader;
import io.tidelog.gateway.handler.SeenNodes;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.NodeImage;
import org.jspecify.annotations.Nullable;

/** Tells a client that came to the wrong node or with an old epoch where to go (KIP-951). */
final class PartitionLeaders {

  private final ClusterImages images;
  private final LogReader log;

  PartitionLeaders(ClusterImages images, LogReader log) {
    this.images = images;
    this.log = log;
  }

  /** Who leads the partition as far as is known here, or null, for the sender of a request. */
  @Nullable Leader leaderOf(PartitionId partition, ClientRequest request) {
    var at = log.snapshot(partition);
    var cluster = images.current();
    var node = cluster.node(cluster.nodeId());
    return at == null || node == null
        ? null
        : new Leader(SeenNodes.seenBy(request, cluster, node), at.leaderEpoch());
  }

  /**
   * @param epoch the leader epoch clients see
   */
  record Leader(NodeImage node, int epoch) {}
}
