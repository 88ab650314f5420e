package io.tidelog.hot.move;

import io.tidelog.core.LogId;
import org.jspecify.annotations.Nullable;

/**
 * What the metadata store says of one partition, at a revision; perhaps not its newest.
 *
 * @param home the log it lives in, null when there is no such partition any more
 * @param intent its move under way, or null
 */
public record MovePicture(long revision, @Nullable LogId home, @Nullable MoveIntent intent) {

  /** Whether the move stands; only to be asked of a picture that is not older than it. */
  boolean isRunning(long epoch) {
    return intent != null && intent.epoch() == epoch;
  }

  /** Whether the picture was made before the move began, and so knows nothing of it. */
  boolean isOlderThan(long epoch) {
    return revision < epoch;
  }
}
