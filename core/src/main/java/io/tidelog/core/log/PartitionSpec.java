package io.tidelog.core.log;

import io.tidelog.core.PartitionId;

/**
 * A partition to be opened in a log.
 *
 * @param baseEpoch added to the log's term it gives the leader epoch that clients see
 */
public record PartitionSpec(PartitionId id, int baseEpoch, PartitionConfig config) {}
