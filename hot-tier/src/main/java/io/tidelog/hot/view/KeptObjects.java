package io.tidelog.hot.view;

import io.tidelog.core.PartitionId;
import java.util.List;

/**
 * Cold objects of this log that a partition is in which lives in another log now. Immutable.
 *
 * @param moveEpoch of the move that took it away
 * @param objects ascending by base LSN
 */
public record KeptObjects(PartitionId partition, long moveEpoch, List<Kept> objects) {

  /**
   * One of them.
   *
   * @param baseLsn of the segment that it stands for
   */
  public record Kept(long baseLsn, String key) {}

  public KeptObjects {
    objects = List.copyOf(objects);
  }
}
