package io.tidelog.hot.leader;

import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.PartitionView;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides which records are too old or too many: whole runs, oldest first, never past the visible
 * end, nothing of a partition whose policy does not contain {@code delete}, or that is moving.
 * Pure.
 */
public final class RetentionPlanner {

  private RetentionPlanner() {}

  /** A partition whose log start is to move. */
  public record Expired(PartitionView partition, long logStartOffset) {}

  public static List<Expired> plan(LogView view, long nowMs) {
    List<Expired> expired = new ArrayList<>();
    for (var partition : view.partitions()) {
      if (!partition.isOpen()) {
        continue; // what a move has told of it stays so
      }
      long start = plan(partition, nowMs);
      if (start > partition.logStartOffset()) {
        expired.add(new Expired(partition, start));
      }
    }
    return expired;
  }

  /** The log start that the partition's settings ask for. */
  static long plan(PartitionView partition, long nowMs) {
    var config = partition.config();
    long start = partition.logStartOffset();
    if (!config.deleted() || (config.retentionMs() < 0 && config.retentionBytes() < 0)) {
      return start;
    }
    long visibleEnd = partition.visibleEndOffset(nowMs);
    long remaining = partition.totalBytes();
    for (int run = 0; run < partition.runCount(); run++) {
      if (partition.runEndOffset(run) > visibleEnd) {
        break;
      }
      remaining -= partition.runSizeBytes(run);
      boolean tooOld =
          config.retentionMs() >= 0
              && nowMs - partition.runRetainFromMs(run) > config.retentionMs();
      boolean tooMuch = config.retentionBytes() >= 0 && remaining >= config.retentionBytes();
      if (!tooOld && !tooMuch) {
        break;
      }
      start = Math.max(start, partition.runEndOffset(run));
    }
    return start;
  }
}
