package io.tidelog.metadata.controller;

import io.tidelog.core.config.Setting;
import io.tidelog.metadata.api.ClusterSettings;
import java.util.Map;

/**
 * See {@link ClusterSettings}.
 *
 * @param maxMoves logs that change a replica at one time
 * @param rebalanceLeaders whether leads are given back
 * @param leaderCheckNs how long a log is led by another before that
 * @param nameRetentionNs how long the name of a node that is not alive is kept
 */
public record ControllerLimits(
    int logsPerNode,
    int maxMoves,
    boolean rebalanceLeaders,
    long leaderCheckNs,
    long nameRetentionNs) {

  /** As a node's configuration file says. */
  public static ControllerLimits of(Map<String, String> file) {
    return new ControllerLimits(
        value(ClusterSettings.LOGS_PER_NODE, file),
        value(ClusterSettings.MAX_LOG_MOVES, file),
        value(ClusterSettings.LEADER_REBALANCE, file),
        value(ClusterSettings.LEADER_CHECK_SECONDS, file) * 1_000_000_000L,
        value(ClusterSettings.NAME_RETENTION_MS, file) * 1_000_000L);
  }

  private static <T> T value(Setting<T> setting, Map<String, String> file) {
    return setting.parse(file.getOrDefault(setting.name(), setting.defaultText()));
  }
}
