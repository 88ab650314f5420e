package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a read of raw write groups found; {@link Groups} is given to the receiver to close. */
public sealed interface RawRange {

  /** Groups to be sent; what backs them is not used again before {@link #close}. */
  final class Groups implements RawRange, AutoCloseable {
    private final RawGroups groups;
    private final Runnable release;
    private final AtomicBoolean closed = new AtomicBoolean();

    Groups(RawGroups groups, Runnable release) {
      this.groups = groups;
      this.release = release;
    }

    public RawGroups groups() {
      return groups;
    }

    /** Any thread; may be called twice. */
    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        release.run();
      }
    }
  }

  /** The log ends here: nothing is to be sent yet. */
  record AtEnd() implements RawRange {}

  /** The LSN lies before the first one that is here. */
  record Trimmed(long startLsn) implements RawRange {}

  /**
   * Retriable; refused when the LSN is behind the end or inside a group; broken when the bytes
   * cannot be read or are damaged.
   */
  record Failed(Fault fault) implements RawRange {}
}
