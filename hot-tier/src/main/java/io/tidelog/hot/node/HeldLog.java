package io.tidelog.hot.node;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.disk.DiskIdentity;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.disk.ProcessMarker;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.replica.ReplicaDriver;
import io.tidelog.hot.replica.TermListener;
import io.tidelog.hot.runtime.LocalSpace;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.hot.runtime.LogOpener;
import io.tidelog.hot.runtime.LogThreads;
import io.tidelog.hot.segment.CopyStanding;
import io.tidelog.metadata.api.LogRecord;
import java.io.IOException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One copy of a log on this node: its folder, its threads, and what drives it. */
final class HeldLog {

  private static final Logger LOG = LoggerFactory.getLogger(HeldLog.class);

  private final HotTier.Parts parts;
  private final LogDisk disk;
  private final LogThreads threads;
  private final ReplicaDriver driver;

  private HeldLog(HotTier.Parts parts, LogDisk disk, LogThreads threads, ReplicaDriver driver) {
    this.parts = parts;
    this.disk = disk;
    this.threads = threads;
    this.driver = driver;
  }

  /**
   * Recovers the copy in a folder, or begins one. Blocking.
   *
   * @param disk owned from now on, also when this fails
   * @param record read since the process started
   * @throws Fault.Broken when what it must have cannot be read
   */
  static HeldLog open(
      HotTier.Parts parts, ServedLogs served, LocalSpace space, LogDisk disk, LogRecord record)
      throws IOException {
    var threads = new LogThreads(parts.log(), parts.clock());
    boolean opened = false;
    try {
      var driver = openDriver(parts, served, space, disk, threads, record);
      threads.onUncaught(driver::onUncaught);
      opened = true;
      return new HeldLog(parts, disk, threads, driver);
    } finally {
      if (!opened) {
        threads.close();
        disk.close();
      }
    }
  }

  private static ReplicaDriver openDriver(
      HotTier.Parts parts,
      ServedLogs served,
      LocalSpace space,
      LogDisk disk,
      LogThreads threads,
      LogRecord record)
      throws IOException {
    var random = parts.random().get();
    var id = record.id();
    boolean isSynced = parts.log().durability() == Durability.FSYNC;
    var taken =
        ProcessMarker.open(
            disk,
            new DiskIdentity(parts.clusterId(), id, newDisk(parts, disk, record, random)),
            parts.bootId(),
            isSynced);
    var self = new ReplicaId(parts.self().nodeId(), taken.identity().diskId());
    LOG.info(
        "log opened, log={} disk={} lastEnd={} term={} counted={}",
        id,
        self.diskId(),
        taken.lastEnd(),
        record.term(),
        isCounted(record, self));
    return ReplicaDriver.open(
        new ReplicaDriver.Parts(
            threads.threads(),
            new LogOpener.ReplicaParts(
                disk,
                id,
                parts.log(),
                parts.gates(),
                parts.clock(),
                space,
                isCounted(record, self) ? CopyStanding.COUNTED : CopyStanding.UNCOUNTED),
            parts.replica(),
            parts.transport(),
            parts.registry(),
            parts.incarnation(),
            () -> randomId(random),
            leading(served, id),
            parts.moves()),
        self,
        Set.of(),
        random);
  }

  /**
   * The disk of this node in a log that nobody has led yet, where nothing can be missing; else one
   * that nobody counts on.
   */
  private static UUID newDisk(
      HotTier.Parts parts, LogDisk disk, LogRecord record, RandomGenerator random)
      throws IOException {
    return record.term() == 0 && !DiskIdentity.isPresent(disk)
        ? parts.self().diskId()
        : randomId(random);
  }

  private static UUID randomId(RandomGenerator random) {
    return new UUID(random.nextLong(), random.nextLong());
  }

  private static boolean isCounted(LogRecord record, ReplicaId self) {
    return record.inSync().contains(self) || record.electable().contains(self);
  }

  private static TermListener leading(ServedLogs served, LogId id) {
    return new TermListener() {
      @Override
      public void onTaken(LogDriver driver, Set<PartitionId> partitions) {
        served.onTaken(driver, partitions);
      }

      @Override
      public void onBegan(LogDriver driver, long revision) {
        served.onBegan(id, driver, revision);
      }

      @Override
      public void onEnded(LogDriver driver) {
        served.onEnded(id, driver);
      }
    };
  }

  ReplicaDriver driver() {
    return driver;
  }

  void start() {
    threads.start();
    driver.start();
  }

  /** Finishes what was accepted, saves the view and lets go of the folder. Blocking. */
  void close() {
    try {
      driver.stop().toCompletableFuture().join();
      threads.close();
      if (driver.hasEndedClean()) {
        ProcessMarker.end(disk, parts.bootId());
      }
      disk.close();
    } catch (IOException | CompletionException e) {
      LOG.warn("log did not end cleanly, log={}", driver.id(), e);
    }
  }
}
