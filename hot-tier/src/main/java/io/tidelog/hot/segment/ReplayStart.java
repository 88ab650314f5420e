package io.tidelog.hot.segment;

/**
 * Where the replay of a log begins.
 *
 * @param lsn of the last good checkpoint, at the start of a write group; 0 without one
 * @param commitLsn highest commit LSN known otherwise; the log must reach it
 */
public record ReplayStart(long lsn, long commitLsn) {

  /** Without a checkpoint: from the beginning. */
  public static final ReplayStart BEGINNING = new ReplayStart(0, 0);

  public ReplayStart {
    if (lsn < 0 || commitLsn < lsn) {
      throw new IllegalArgumentException("lsn " + lsn + ", commit LSN " + commitLsn);
    }
  }
}
