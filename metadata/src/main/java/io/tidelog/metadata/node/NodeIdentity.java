package io.tidelog.metadata.node;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who a node is in its cluster.
 *
 * @param clusterId a Kafka Uuid
 * @param diskId of the disk its logs are on; null without a data folder
 */
public record NodeIdentity(String clusterId, int nodeId, @Nullable UUID diskId) {

  /**
   * What a data folder is to keep of it.
   *
   * @throws IllegalStateException when it has no disk
   */
  public NodeFolder folder() {
    if (diskId == null) {
      throw new IllegalStateException("node " + nodeId + " has no data folder");
    }
    return new NodeFolder(clusterId, nodeId, diskId);
  }
}
