package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;
import io.tidelog.hot.segment.RawRange;
import io.tidelog.hot.segment.RawReads;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Reads raw write groups to be sent to other replicas: inside the call when they are in memory,
 * else on a reader thread. Never blocks its caller. Any thread.
 */
public final class RangeReads {

  private final RawReads reads;
  private final Executor readers;

  RangeReads(RawReads reads, Executor readers) {
    this.reads = reads;
    this.readers = readers;
  }

  /**
   * Gives whole groups of one segment from the LSN on.
   *
   * @param lsn where a write group begins, or the end of the log
   * @param maxBytes a single larger group is given whole
   * @param completion takes the range, which it closes once it is sent; called inside this call or
   *     on a reader thread
   */
  public void read(long lsn, int maxBytes, Consumer<RawRange> completion) {
    var inMemory = reads.fromMemory(lsn, maxBytes);
    if (inMemory != null) {
      completion.accept(inMemory);
      return;
    }
    try {
      readers.execute(() -> completion.accept(fromFiles(lsn, maxBytes)));
    } catch (RejectedExecutionException e) {
      completion.accept(new RawRange.Failed(new Fault.Retriable("too many reads are waiting", e)));
    }
  }

  private RawRange fromFiles(long lsn, int maxBytes) {
    try {
      return reads.fromFiles(lsn, maxBytes);
    } catch (RuntimeException | Error e) {
      return new RawRange.Failed(new Fault.Broken("a read failed", e));
    }
  }
}
