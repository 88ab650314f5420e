package io.tidelog.app.node;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.cold.collect.CollectConfig;
import io.tidelog.cold.collect.ObjectCollector;
import io.tidelog.cold.offload.ColdKeys;
import io.tidelog.cold.offload.OffloadConfig;
import io.tidelog.cold.offload.OffloadRuntime;
import io.tidelog.cold.offload.OffloadStats;
import io.tidelog.cold.read.ChunkedColdReader;
import io.tidelog.cold.read.ColdReadConfig;
import io.tidelog.cold.read.ColdReadStats;
import io.tidelog.cold.runtime.ColdRuntime;
import io.tidelog.cold.store.ObjectStore;
import io.tidelog.core.Clock;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.SealedSegmentSource;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The cold tier's parts over one object store. */
final class ColdTier implements AutoCloseable {

  private final ObjectStores.Opened opened;
  private final ColdRuntime runtime;
  private final OffloadRuntime offload;
  private final ObjectCollector collector;
  private final ChunkedColdReader reader;

  private ColdTier(
      ObjectStores.Opened opened,
      ColdRuntime runtime,
      OffloadRuntime offload,
      ObjectCollector collector,
      ChunkedColdReader reader) {
    this.opened = opened;
    this.runtime = runtime;
    this.offload = offload;
    this.collector = collector;
    this.reader = reader;
  }

  static ColdTier open(
      NodeConfig config, Path data, String clusterId, SealedSegmentSource source, Clock clock) {
    var opened = ObjectStores.open(config, data);
    ObjectStore store = opened.store();
    var random = new SecureRandom();
    var keys = new ColdKeys(opened.prefix(), clusterId, random);
    var runtime = new ColdRuntime(clock);
    var offload =
        new OffloadRuntime(
            source,
            store,
            keys,
            offloadConfig(config),
            runtime.lane(),
            runtime.blocking(),
            clock,
            random);
    var collect = CollectConfig.DEFAULT;
    var collector =
        new ObjectCollector(
            source,
            store,
            keys,
            new CollectConfig(
                config.get(NodeSettings.COLLECT_GRACE_MS),
                collect.intervalMs(),
                collect.pageObjects(),
                collect.maxCandidates()),
            offload,
            runtime.lane(),
            runtime.blocking(),
            clock);
    var read = ColdReadConfig.DEFAULT;
    var reader =
        new ChunkedColdReader(
            store,
            new ColdReadConfig(
                config.get(NodeSettings.CHUNK_BYTES),
                config.get(NodeSettings.CHUNK_CACHE_BYTES),
                read.indexCacheBytes(),
                read.readAheadBytes(),
                read.readAheadObjects(),
                read.concurrentLoads(),
                read.queuedLoads()),
            runtime.blocking());
    return new ColdTier(opened, runtime, offload, collector, reader);
  }

  private static OffloadConfig offloadConfig(NodeConfig config) {
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

  void start() {
    offload.start();
    collector.start();
  }

  ColdReader reader() {
    return reader;
  }

  OffloadStats stats() {
    return offload.stats();
  }

  ColdReadStats readStats() {
    return reader.stats();
  }

  String describe() {
    return opened.describe();
  }

  @Override
  public void close() {
    collector.close();
    offload.close();
    reader.close();
    runtime.close();
    opened.store().close();
  }
}
