package io.tidelog.gateway.handler.data;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.LogReader;
import io.tidelog.gateway.forward.ClientZones;
import io.tidelog.gateway.forward.ShownLeaders;
import io.tidelog.gateway.handler.ClientRack;
import io.tidelog.gateway.handler.SeenNodes;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.NodeImage;
import org.jspecify.annotations.Nullable;

/** Tells a client that came to the wrong node or with an old epoch where to go (KIP-951). */
final class PartitionLeaders {

  private final ClusterImages images;
  private final @Nullable LogReader log;
  private final ClientZones zones;

  PartitionLeaders(ClusterImages images, @Nullable LogReader log, ClientZones zones) {
    this.images = images;
    this.log = log;
    this.zones = zones;
  }

  /** Who leads the partition as far as is known here, or null, for the sender of a request. */
  @Nullable Leader leaderOf(PartitionId partition, ClientRequest request) {
    var cluster = images.current();
    var topic = cluster.topic(partition.topicId());
    if (topic == null || partition.partition() >= topic.partitionCount()) {
      return null;
    }
    var shown = ShownLeaders.of(cluster, ClientRack.zoneOf(request, zones));
    var node = cluster.node(shown.leader(topic, partition.partition()));
    var here = log == null ? null : log.snapshot(partition);
    int epoch = here == null ? shown.leaderEpoch(topic, partition.partition()) : here.leaderEpoch();
    // Whoever refuses and yet is the one to ask knows nothing better.
    return node == null || epoch < 0 || (here == null && node.id() == cluster.nodeId())
        ? null
        : new Leader(SeenNodes.seenBy(request, cluster, node), epoch);
  }

  /**
   * Whether this node was elected to lead the partition and cannot begin, since the in-sync set is
   * too small to commit the begin of its term; from any thread.
   */
  boolean isShortOfReplicas(PartitionId partition) {
    var cluster = images.current();
    var topic = cluster.topic(partition.topicId());
    if (topic == null || partition.partition() >= topic.partitionCount()) {
      return false;
    }
    var home = cluster.log(topic.homes().home(partition.partition()));
    return home != null && home.leader() == cluster.nodeId() && !home.commits();
  }

  /**
   * @param epoch the leader epoch clients see
   */
  record Leader(NodeImage node, int epoch) {}
}
