package io.tidelog.hot.leader;

/**
 * Decides whether the next write group waits a little, so that producers that were just answered
 * take part in it: a few of them, each waiting for its answer before it sends again, else end up in
 * two groups that take turns, and each sync serves half of them. The idea is PostgreSQL's {@code
 * commit_delay}; here the delay ends as soon as all have come, and producers that do not come back
 * soon end the waiting for a while. Pure, one for each log.
 */
public final class CommitDelay {

  /** With more appends under way than this, a group is large enough to be worth its sync. */
  private static final int MAX_AWAITED = 16;

  /** A delay in vain is followed by so many commits without, at most. */
  private static final int MAX_SKIPPED = 256;

  /** Weight of the newest sync in the average, as a shift: an eighth. */
  private static final int AVERAGE_SHIFT = 3;

  private final long maxDelayNs;
  private long averageSyncNs;
  private int skipAfterNextVain = 1;
  private int skipped;

  /**
   * @param maxDelayNs no group waits longer; 0 for never
   */
  public CommitDelay(long maxDelayNs) {
    this.maxDelayNs = maxDelayNs;
  }

  /** A sync has ended. */
  public void onSynced(long syncNs) {
    averageSyncNs += (syncNs - averageSyncNs) >> AVERAGE_SHIFT;
  }

  /** A wait that {@link #delayNs} asked for is over: all have come, or some have not. */
  public void onEnded(boolean isComplete) {
    if (isComplete) {
      skipAfterNextVain = 1;
    } else {
      skipped = skipAfterNextVain;
      skipAfterNextVain = Math.min(MAX_SKIPPED, skipAfterNextVain * 2);
    }
  }

  /**
   * How long to wait, at most half of what a sync takes, until as many appends wait as were
   * answered or waiting when the sync ended; 0 for not at all.
   *
   * @param answered by this sync
   * @param waiting that came meanwhile
   */
  public long delayNs(int answered, long waiting) {
    long awaited = answered + waiting;
    if (answered == 0 || awaited < 2 || awaited > MAX_AWAITED) {
      return 0;
    }
    if (skipped > 0) {
      skipped--;
      return 0;
    }
    return Math.min(maxDelayNs, averageSyncNs / 2);
  }
}
