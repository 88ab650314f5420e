package io.tidelog.app.node;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.cold.ColdTierConfig;
import io.tidelog.cold.collect.CollectConfig;
import io.tidelog.cold.offload.OffloadConfig;
import io.tidelog.cold.read.ColdReadConfig;

/** The node's settings as the cold tier wants them; what is no setting keeps its default. */
final class ColdTierOptions {

  private ColdTierOptions() {}

  static ColdTierConfig of(NodeConfig config, String keyPrefix, String clusterId) {
    return new ColdTierConfig(keyPrefix, clusterId, offload(config), collect(config), read(config));
  }

  private static OffloadConfig offload(NodeConfig config) {
    var defaults = OffloadConfig.DEFAULT;
    return new OffloadConfig(
        defaults.indexIntervalBytes(),
        defaults.concurrentUploads(),
        defaults.pollMs(),
        defaults.minBackoffMs(),
        defaults.maxBackoffMs(),
        config.get(NodeSettings.COLD_ALARM_MS),
        defaults.alarmLagBytes());
  }

  private static CollectConfig collect(NodeConfig config) {
    var defaults = CollectConfig.DEFAULT;
    return new CollectConfig(
        config.get(NodeSettings.COLLECT_GRACE_MS),
        defaults.intervalMs(),
        defaults.pageObjects(),
        defaults.maxCandidates());
  }

  private static ColdReadConfig read(NodeConfig config) {
    var defaults = ColdReadConfig.DEFAULT;
    return new ColdReadConfig(
        config.get(NodeSettings.CHUNK_BYTES),
        config.get(NodeSettings.CHUNK_CACHE_BYTES),
        defaults.indexCacheBytes(),
        defaults.readAheadBytes(),
        defaults.readAheadObjects(),
        defaults.concurrentLoads(),
        defaults.queuedLoads());
  }
}
