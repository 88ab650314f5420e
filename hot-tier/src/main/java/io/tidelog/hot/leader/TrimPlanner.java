package io.tidelog.hot.leader;

import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.PartitionView;
import java.util.List;

/**
 * Decides up to where local segments may be deleted. A segment may go when every wanted record in
 * it is in the cold tier and a later checkpoint is durable; it does go when no topic wishes to keep
 * it here ({@code local.retention.*}), or when the log uses more of the disk than it may. Pure.
 */
public final class TrimPlanner {

  private TrimPlanner() {}

  /** A sealed segment file. */
  public record LocalSegment(long baseLsn, long endLsn) {
    long sizeBytes() {
      return endLsn - baseLsn;
    }
  }

  /**
   * @param checkpointLsn no segment that ends behind it goes: checkpoints begin here, and up to
   *     here it is durable that the cold tier holds what is wanted
   * @param activeBytes written to the segment that is not sealed
   * @param localMaxBytes above this, segments that may go do go
   */
  public record Limits(long checkpointLsn, long activeBytes, long localMaxBytes) {}

  /**
   * @param sealed oldest first
   * @return segments that end at or before this LSN go; 0 when none does
   */
  public static long plan(LogView view, List<LocalSegment> sealed, Limits limits, long nowMs) {
    long localBytes =
        limits.activeBytes() + sealed.stream().mapToLong(LocalSegment::sizeBytes).sum();
    long mayGoLsn = Math.min(view.coldEndLsn(), limits.checkpointLsn());
    long goneLsn = 0;
    for (var segment : sealed) {
      if (segment.endLsn() > mayGoLsn) {
        break;
      }
      if (localBytes <= limits.localMaxBytes() && isWishedFor(view, segment, nowMs)) {
        break;
      }
      goneLsn = segment.endLsn();
      localBytes -= segment.sizeBytes();
    }
    return goneLsn;
  }

  private static boolean isWishedFor(LogView view, LocalSegment segment, long nowMs) {
    for (var partition : view.partitions()) {
      if (isWishedFor(partition, segment, nowMs)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isWishedFor(PartitionView partition, LocalSegment segment, long nowMs) {
    int run = partition.firstRunIn(segment.baseLsn());
    if (run == partition.runCount() || partition.runSegmentBaseLsn(run) != segment.baseLsn()) {
      return false;
    }
    var config = partition.config();
    long keepMs =
        config.localRetentionMs() == -2 ? config.retentionMs() : config.localRetentionMs();
    long keepBytes =
        config.localRetentionBytes() == -2 ? config.retentionBytes() : config.localRetentionBytes();
    boolean tooOld = keepMs >= 0 && nowMs - partition.runRetainFromMs(run) > keepMs;
    boolean tooMuch = keepBytes >= 0 && partition.bytesFrom(segment.endLsn()) >= keepBytes;
    return !tooOld && !tooMuch;
  }
}
