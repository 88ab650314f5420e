package io.tidelog.simulation.log;

/** A known hole put back, to see that the simulation finds it. */
public enum Mutant {
  /** No hole: the product as it is. */
  NONE,
  /** An append is acknowledged when it is in the page cache. */
  ACKNOWLEDGE_BEFORE_SYNC,
  /** fdatasync of a file does nothing. */
  SKIP_FILE_SYNC,
  /** fsync of the folder does nothing, so new names may vanish. */
  SKIP_DIRECTORY_SYNC,
  /** Producers are forgotten at once, so that what is sent again is appended again. */
  FORGET_PRODUCERS,
  /** Records are shown a little before they are due. */
  SHOW_EARLY,
  /** A checkpoint counts although it was never synced. */
  SKIP_CHECKPOINT_SYNC,
  /** A segment is deleted when it is uploaded, before that is committed. */
  TRIM_BEFORE_COMMIT,
  /** An object is committed before its bytes are there, and some never come. */
  COMMIT_BEFORE_UPLOAD,
  /** The collector deletes objects that partitions still need. */
  COLLECT_LIVE_OBJECTS
}
