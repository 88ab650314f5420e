package io.tidelog.metadata.api;

import java.util.List;

/**
 * Where a partition is led and held, as its home log is; node ids.
 *
 * @param leader {@link LogRecord#NO_LEADER} when nobody leads, or who led is not alive
 * @param replicas the preferred leader first
 * @param electable not in sync, and yet with all that is committed (KIP-966)
 * @param offline replicas that are not alive
 */
public record PartitionPlace(
    int leader,
    List<Integer> replicas,
    List<Integer> inSync,
    List<Integer> electable,
    List<Integer> offline) {}
