package io.tidelog.simulation.log;

/** A known hole put back, to see that the simulation finds it. */
public enum Mutant implements KnownHole {
  /** No hole: the product as it is. */
  NONE(Fate.nothing()),
  /** An append is acknowledged when it is in the page cache. */
  ACKNOWLEDGE_BEFORE_SYNC(Fate.seed(1)),
  /** fdatasync of a file does nothing. */
  SKIP_FILE_SYNC(Fate.seed(1)),
  /** fsync of the folder does nothing, so new names may vanish. */
  SKIP_DIRECTORY_SYNC(Fate.seed(1)),
  /** Producers are forgotten at once, so that what is sent again is appended again. */
  FORGET_PRODUCERS(Fate.seed(5)),
  /** Records are shown a little before they are due. */
  SHOW_EARLY(Fate.seed(1)),
  /** A checkpoint counts although it was never synced. */
  SKIP_CHECKPOINT_SYNC(Fate.seed(16)),
  /** A segment is deleted when it is uploaded, before that is committed. */
  TRIM_BEFORE_COMMIT(Fate.seed(4)),
  /** An object is committed before its bytes are there, and some never come. */
  COMMIT_BEFORE_UPLOAD(Fate.seed(4)),
  /** The collector deletes objects that partitions still need. */
  COLLECT_LIVE_OBJECTS(Fate.seed(4));

  private final Fate fate;

  Mutant(Fate fate) {
    this.fate = fate;
  }

  @Override
  public Fate fate() {
    return fate;
  }
}
