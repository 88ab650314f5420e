package io.tidelog.hot.leader;

import io.tidelog.core.Fault;

/**
 * How far each in-sync replica of a log has got, and so how far the log is committed: up to the
 * smallest LSN that all of them have made as durable as the log promises. The in-sync set is this
 * process alone.
 */
public final class ReplicaProgress {

  private final Durability durability;
  private long writtenLsn;
  private long syncedLsn;
  private long commitLsn;

  /**
   * @param recoveredLsn the end of what recovery kept and synced
   */
  public ReplicaProgress(Durability durability, long recoveredLsn) {
    this.durability = durability;
    this.writtenLsn = recoveredLsn;
    this.syncedLsn = recoveredLsn;
    this.commitLsn = recoveredLsn;
  }

  public void onWritten(long lsn) {
    if (lsn < writtenLsn) {
      throw new Fault.Broken("written up to " + lsn + " after " + writtenLsn);
    }
    writtenLsn = lsn;
    advance();
  }

  public void onSynced(long lsn) {
    if (lsn > writtenLsn) {
      throw new Fault.Broken("synced up to " + lsn + ", written up to " + writtenLsn);
    }
    syncedLsn = Math.max(syncedLsn, lsn);
    advance();
  }

  private void advance() {
    commitLsn = Math.max(commitLsn, durability == Durability.FSYNC ? syncedLsn : writtenLsn);
  }

  public long writtenLsn() {
    return writtenLsn;
  }

  public long syncedLsn() {
    return syncedLsn;
  }

  /** Never goes back. */
  public long commitLsn() {
    return commitLsn;
  }
}
