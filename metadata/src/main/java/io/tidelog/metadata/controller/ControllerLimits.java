package io.tidelog.metadata.controller;

import io.tidelog.metadata.api.ClusterSettings;
import io.tidelog.metadata.api.MetadataSettings;
import java.util.Map;

/**
 * See {@link ClusterSettings}.
 *
 * @param firstReplicas replication factor of the logs that are made before there is a topic; 0 for
 *     none, when the file names no default
 * @param maxMoves logs that change a replica at one time
 * @param moveTimeoutNs how long one of a partition's two logs may be without a leader
 * @param rebalanceLeaders whether leads are given back
 * @param leaderCheckNs how long a log is led by another before that
 * @param nameRetentionNs how long the name of a node that is not alive is kept
 * @param historyNs how long at least the store keeps what was superseded; 0 when it is not told to
 *     forget it
 */
public record ControllerLimits(
    int logsPerNode,
    int firstReplicas,
    int maxMoves,
    long moveTimeoutNs,
    boolean rebalanceLeaders,
    long leaderCheckNs,
    long nameRetentionNs,
    long historyNs) {

  /** As a node's configuration file says. */
  public static ControllerLimits of(Map<String, String> file) {
    return new ControllerLimits(
        ClusterSettings.value(ClusterSettings.LOGS_PER_NODE, file),
        file.containsKey(MetadataSettings.DEFAULT_REPLICATION_FACTOR.name())
            ? ClusterSettings.value(MetadataSettings.DEFAULT_REPLICATION_FACTOR, file)
            : 0,
        ClusterSettings.value(ClusterSettings.MAX_LOG_MOVES, file),
        ClusterSettings.value(ClusterSettings.PARTITION_MOVE_TIMEOUT_MS, file) * 1_000_000L,
        ClusterSettings.value(ClusterSettings.LEADER_REBALANCE, file),
        ClusterSettings.value(ClusterSettings.LEADER_CHECK_SECONDS, file) * 1_000_000_000L,
        ClusterSettings.value(ClusterSettings.NAME_RETENTION_MS, file) * 1_000_000L,
        ClusterSettings.value(ClusterSettings.COMPACTION_INTERVAL_MS, file) * 1_000_000L);
  }
}
