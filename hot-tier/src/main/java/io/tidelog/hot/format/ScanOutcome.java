package io.tidelog.hot.format;

/** What {@link FrameScanner} found at an LSN. What it means there, recovery decides. */
public sealed interface ScanOutcome {

  /**
   * A sound frame.
   *
   * @param lsn where it begins
   * @param sizeBytes what it takes in the log, padding included
   */
  record Found(Frame frame, long lsn, int sizeBytes) implements ScanOutcome {
    public long endLsn() {
      return lsn + sizeBytes;
    }
  }

  /** No byte is left, or only zeros of a preallocated file follow. */
  record End(long lsn) implements ScanOutcome {}

  /**
   * The bytes end inside a frame whose header may be sound.
   *
   * @param neededBytes how many bytes the frame takes, as far as can be told from what is there
   */
  record Torn(long lsn, int neededBytes) implements ScanOutcome {}

  /** What is there is not a frame of this log at this LSN. */
  record Damaged(long lsn, String why) implements ScanOutcome {}

  /** A sound frame of a type that only a newer version knows. */
  record UnknownType(long lsn, int type) implements ScanOutcome {}
}
