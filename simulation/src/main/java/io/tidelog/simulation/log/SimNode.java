package io.tidelog.simulation.log;

import io.tidelog.core.LogId;
import io.tidelog.core.log.DelayGate;
import io.tidelog.core.log.DelayGates;
import io.tidelog.delay.AppendTimeGates;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.format.FrameCodec;
import io.tidelog.hot.leader.AdmissionPlanner;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.runtime.HotTierConfig;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.hot.runtime.SoleReplica;
import io.tidelog.hot.segment.CheckpointFiles;
import io.tidelog.hot.segment.CopyStanding;
import io.tidelog.hot.segment.ReplayStart;
import io.tidelog.hot.segment.SegmentConfig;
import io.tidelog.hot.segment.SegmentLog;
import io.tidelog.hot.view.FramePlace;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.LogViewCodec;
import io.tidelog.hot.view.ProducerLimits;
import io.tidelog.simulation.disk.SimDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/** The process: production classes, recovered from the disk at each start. */
final class SimNode {

  static final LogId LOG = new LogId(new UUID(11, 12));

  static final int SPARE_SEGMENTS = 1;

  /** About what syncs cover here, so that spares are written at some times and not at others. */
  private static final int SPARE_SYNC_BYTES = 1 << 12;

  private final VirtualTime time;
  private final LogDisk disk;
  private final SimOptions options;
  private final Mutant mutant;
  private VirtualTime.Life life = new VirtualTime.Life();
  private long lives;

  SimNode(VirtualTime time, SimDisk disk, SimOptions options, Mutant mutant) {
    this.time = time;
    this.disk = MutantDisk.of(disk, mutant);
    this.options = options;
    this.mutant = mutant;
  }

  VirtualTime.Life life() {
    return life;
  }

  /** Ends the life without telling it. */
  void die() {
    life.isOver = true;
  }

  /** A new life; gives its driver, whose term begins as time goes on. */
  LogDriver start() {
    life = new VirtualTime.Life();
    lives++;
    var sole =
        SoleReplica.open(
            new SoleReplica.Parts(disk, LOG, config(), gates(), time),
            new LogDriver.Threads(
                time.lane(life, 50_000),
                time.lane(life, options.syncNs()),
                time.threads(life, 2_000_000),
                time.lane(life, 5_000_000)),
            new UUID(0, lives));
    var unused = sole.start();
    return sole.driver();
  }

  /** The view's hash after a stop, rebuilt from the newest checkpoint or from all frames. */
  long rebuiltHash(boolean usingCheckpoint) {
    try {
      var checkpoint = usingCheckpoint ? new CheckpointFiles(disk, LOG).readNewest() : null;
      var view =
          checkpoint == null
              ? new LogView(LOG, producerLimits(), gates())
              : LogViewCodec.restore(checkpoint.content(), LOG, producerLimits(), gates());
      SegmentLog.recover(
          new SegmentLog.Parts(
              disk, LOG, config().segments(), time.lane(life, 5_000_000), failure -> {}),
          checkpoint == null ? ReplayStart.BEGINNING : checkpoint.replayStart(),
          CopyStanding.COUNTED,
          (frame, lsn, base) ->
              view.apply(frame, new FramePlace(lsn, lsn + FrameCodec.sizeOf(frame), base)));
      return view.hash();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HotTierConfig config() {
    return new HotTierConfig(
        new SegmentConfig(
            options.segmentBytes(),
            2_000,
            1 << 18,
            1 << 16,
            1 << 18,
            SPARE_SEGMENTS,
            SPARE_SYNC_BYTES,
            8_192,
            16_384),
        producerLimits(),
        mutant == Mutant.ACKNOWLEDGE_BEFORE_SYNC ? Durability.REPLICATED : options.durability(),
        new AdmissionPlanner.Limits(1L << 30, 2L << 30),
        new HotTierConfig.Limits(options.segmentBytes() * 3L, 1 << 20, 1 << 18, 1 << 16, 100),
        timing(),
        1,
        HotTierConfig.Replication.DEFAULT);
  }

  /** As by default, but that retention looks more often. */
  private static HotTierConfig.Timing timing() {
    var usual = HotTierConfig.DEFAULT.timing();
    return new HotTierConfig.Timing(
        usual.tickMs(), 300, usual.lazySyncMs(), usual.maxCommitDelayNs());
  }

  private ProducerLimits producerLimits() {
    return mutant == Mutant.FORGET_PRODUCERS
        ? new ProducerLimits(1, ProducerLimits.DEFAULT.maxProducers())
        : ProducerLimits.DEFAULT;
  }

  private DelayGates gates() {
    return mutant == Mutant.SHOW_EARLY ? new EarlyGates() : new AppendTimeGates();
  }

  /** Gates whose delay is a quarter too short. */
  private static final class EarlyGates implements DelayGates {

    private final DelayGates right = new AppendTimeGates();

    @Override
    public DelayGate create(long delayMs) {
      return right.create(delayMs * 3 / 4);
    }

    @Override
    public DelayGate restore(ByteBuffer saved) {
      return right.restore(saved);
    }
  }
}
