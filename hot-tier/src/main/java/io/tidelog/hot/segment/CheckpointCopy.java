package io.tidelog.hot.segment;

import java.nio.ByteBuffer;

/**
 * A checkpoint file as it is sent to a new replica, which begins its copy of the log with it.
 *
 * @param lsn the checkpoint's; at least {@code firstLsn}
 * @param firstLsn base LSN of the first segment that is to be sent
 * @param file the whole file from position to limit; given to the receiver
 */
public record CheckpointCopy(long lsn, long firstLsn, ByteBuffer file) {

  public CheckpointCopy {
    if (firstLsn < 0 || firstLsn > lsn) {
      throw new IllegalArgumentException("checkpoint at " + lsn + ", segments from " + firstLsn);
    }
  }

  /** The same, followed by segments from another LSN on. */
  public CheckpointCopy from(long segmentBaseLsn) {
    return new CheckpointCopy(lsn, segmentBaseLsn, file);
  }
}
