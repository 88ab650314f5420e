package io.tidelog.hot.leader;

import io.tidelog.core.Fault;

/**
 * How far each in-sync replica of a log has got, and so how far the log is committed: up to the
 * smallest LSN that all of them have made as durable as the log promises. This process is one; of
 * the others, the smallest of them is told. While too few are in sync nothing is committed.
 */
public final class ReplicaProgress {

  private final Durability durability;
  private long writtenLsn;
  private long syncedLsn;
  private long replicasLsn;
  private long commitLsn;
  private boolean isFrozen;

  /**
   * Where a log stands when this begins.
   *
   * @param commitLsn the highest commit LSN known, at most {@code writtenLsn}
   */
  public record Start(long writtenLsn, long syncedLsn, long commitLsn) {

    /** Everything recovered is synced and committed. */
    public static Start committed(long recoveredLsn) {
      return new Start(recoveredLsn, recoveredLsn, recoveredLsn);
    }
  }

  /**
   * @param replicasLsn as {@link #onReplicas}
   */
  public ReplicaProgress(Durability durability, Start start, long replicasLsn) {
    this.durability = durability;
    this.writtenLsn = start.writtenLsn();
    this.syncedLsn = start.syncedLsn();
    this.commitLsn = start.commitLsn();
    this.replicasLsn = replicasLsn;
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

  /**
   * The smallest durable LSN over the other members of the maximal in-sync set (committed union
   * proposed), each counted in this term only; {@link Long#MAX_VALUE} when there is none. It may go
   * back when a member is added; the commit LSN does not.
   */
  public void onReplicas(long lsn) {
    replicasLsn = lsn;
    advance();
  }

  /** Whether as many replicas are in sync as it takes to commit. */
  public void onInSync(boolean isEnough) {
    isFrozen = !isEnough;
    advance();
  }

  private void advance() {
    if (!isFrozen) {
      long durableLsn = durability == Durability.FSYNC ? syncedLsn : writtenLsn;
      commitLsn = Math.max(commitLsn, Math.min(durableLsn, replicasLsn));
    }
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

  /** Whether too few replicas are in sync to commit. */
  public boolean isFrozen() {
    return isFrozen;
  }
}
