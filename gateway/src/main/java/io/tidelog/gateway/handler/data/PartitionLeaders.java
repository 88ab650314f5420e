package io.tidelog.gateway.handler.data;

import io.tidelog.core.PartitionId;
import io.tidelog.metadata.api.NodeImage;
import org.jspecify.annotations.Nullable;

/** Tells a client that came to the wrong node where to go (KIP-951). From any thread. */
@FunctionalInterface
public interface PartitionLeaders {

  /** Who leads the partition as far as is known, or null. */
  @Nullable Leader leaderOf(PartitionId partition);

  /**
   * @param epoch the leader epoch clients see
   */
  record Leader(NodeImage node, int epoch) {}
}
