package io.tidelog.simulation.cluster;

import io.tidelog.core.log.DelayGate;
import io.tidelog.core.log.DelayGates;
import io.tidelog.delay.AppendTimeGates;
import io.tidelog.hot.leader.AdmissionPlanner;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.runtime.HotTierConfig;
import io.tidelog.hot.segment.SegmentConfig;
import io.tidelog.hot.view.ProducerLimits;
import java.nio.ByteBuffer;

/** How the log of one node is set up, by what the seed chose. */
final class ClusterNodeConfig {

  private ClusterNodeConfig() {}

  static HotTierConfig of(int id, ClusterOptions.Shape shape, ClusterMutant mutant) {
    int segmentBytes = shape.isMixed() ? shape.segmentBytes() + 4_096 * id : shape.segmentBytes();
    boolean isEarly = mutant == ClusterMutant.ACKNOWLEDGED_BEFORE_SYNC;
    var usual = HotTierConfig.DEFAULT.timing();
    return new HotTierConfig(
        new SegmentConfig(
            segmentBytes,
            2_000,
            1 << 17,
            1 << 15,
            1 << 17,
            ClusterNode.SPARE_SEGMENTS,
            1 << 12,
            8_192,
            16_384),
        mutant == ClusterMutant.PRODUCERS_FORGOTTEN
            ? new ProducerLimits(1, ProducerLimits.DEFAULT.maxProducers())
            : ProducerLimits.DEFAULT,
        shape.syncs() && !isEarly ? Durability.FSYNC : Durability.REPLICATED,
        new AdmissionPlanner.Limits(1L << 30, 2L << 30),
        new HotTierConfig.Limits(segmentBytes * 3L, 1 << 20, 1 << 18, 1 << 15, 100),
        new HotTierConfig.Timing(usual.tickMs(), 300, usual.lazySyncMs(), usual.maxCommitDelayNs()),
        1,
        HotTierConfig.Replication.DEFAULT);
  }

  static DelayGates gates(ClusterMutant mutant) {
    return mutant == ClusterMutant.SHOWN_EARLY ? new EarlyGates() : new AppendTimeGates();
  }

  /** Gates whose delay is half of what it should be. */
  private static final class EarlyGates implements DelayGates {

    private final DelayGates right = new AppendTimeGates();

    @Override
    public DelayGate create(long delayMs) {
      return right.create(delayMs / 2);
    }

    @Override
    public DelayGate restore(ByteBuffer saved) {
      return right.restore(saved);
    }
  }
}
