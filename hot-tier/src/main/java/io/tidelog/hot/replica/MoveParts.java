package io.tidelog.hot.replica;

import io.tidelog.metadata.api.PartitionMoves;

/**
 * What a node knows of moves of partitions between logs.
 *
 * @param nodeId this node
 */
public record MoveParts(PartitionMoves moves, MoveConfig config, int nodeId) {}
