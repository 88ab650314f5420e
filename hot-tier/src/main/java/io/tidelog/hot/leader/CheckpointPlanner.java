package io.tidelog.hot.leader;

/** Decides when a view is saved, so that recovery replays at most two segments. Pure. */
public final class CheckpointPlanner {

  private CheckpointPlanner() {}

  /**
   * @param appliedLsn how far the view is applied
   * @param checkpointLsn of the newest checkpoint, durable or being written
   * @param activeBaseLsn base LSN of the segment that is written
   * @param checkpointBytes at most so much is replayed within one segment
   */
  public static boolean isDue(
      long appliedLsn, long checkpointLsn, long activeBaseLsn, long checkpointBytes) {
    boolean sealedSince = checkpointLsn < activeBaseLsn && appliedLsn >= activeBaseLsn;
    return sealedSince || appliedLsn - checkpointLsn >= checkpointBytes;
  }
}
