package io.tidelog.hot.replica;

import java.util.List;

/** What the machine may know of the log on its own disk; on the log's lane, without blocking. */
public interface LocalLog {

  /** First byte it has. */
  long startLsn();

  /** Behind the last byte written. */
  long endLsn();

  /** Behind the last byte on stable storage. */
  long syncedLsn();

  /** As far as it is known to be committed here. */
  long commitLsn();

  /** Term of the last write group, 0 in an empty log. */
  long lastTerm();

  /** Terms that began in it, oldest first. */
  List<TermStart> history();

  /**
   * Up to where this log and another one are the same.
   *
   * @param history of the other one, oldest first
   */
  long agreedLsn(List<TermStart> history, long endLsn);

  /** Whether what lies in a segment with this base may follow the end of the log. */
  boolean mayFollow(long segmentBaseLsn);

  /** Of the segment in which the byte at this LSN lies, or will lie when it is the end. */
  long segmentBaseLsn(long lsn);
}
