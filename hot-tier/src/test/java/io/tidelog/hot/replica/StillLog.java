package io.tidelog.hot.replica;

import java.util.List;

/** Written, synced and committed to its end, in one term, as every other one there is. */
record StillLog(long endLsn, long lastTerm) implements LocalLog {

  @Override
  public long startLsn() {
    return 0;
  }

  @Override
  public long syncedLsn() {
    return endLsn;
  }

  @Override
  public long commitLsn() {
    return endLsn;
  }

  @Override
  public List<TermStart> history() {
    return List.of(new TermStart(lastTerm, 0));
  }

  @Override
  public long agreedLsn(List<TermStart> theirs, long theirEndLsn) {
    return endLsn;
  }

  @Override
  public boolean mayFollow(long segmentBaseLsn) {
    return true;
  }

  @Override
  public long segmentBaseLsn(long lsn) {
    return 0;
  }
}
