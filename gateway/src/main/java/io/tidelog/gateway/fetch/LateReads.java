package io.tidelog.gateway.fetch;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ReadResult;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Reads of one event loop that outlasted their fetch, kept for the next fetch of the same offset,
 * so that a slow tier is asked once however often the client asks. At a limit the oldest goes.
 */
final class LateReads implements SlowRead.Taker {

  private final FetchLaneConfig config;
  private final FetchLane home;
  private final Map<Key, Entry> byOffset = new HashMap<>();
  private final Queue<Entry> oldestFirst = new ArrayDeque<>();

  private long bytes;
  private volatile int publishedCount;
  private volatile long publishedBytes;
  private boolean sweepPlanned;

  LateReads(FetchLane home, FetchLaneConfig config) {
    this.home = home;
    this.config = config;
  }

  /** From any thread: reads kept, over or not. */
  int count() {
    return publishedCount;
  }

  /** From any thread: bytes of those that are over. */
  long bytes() {
    return publishedBytes;
  }

  /** Takes over a read, over or not. */
  void adopt(SlowRead read) {
    var entry = new Entry(Key.of(read), read, home.clock().monotonicNs());
    var same = byOffset.put(entry.key, entry);
    if (same != null) {
      drop(same);
    }
    oldestFirst.add(entry);
    read.setTaker(this);
    if (read.result() != null) {
      onRead(read);
    }
    trim(Long.MIN_VALUE);
    planSweep();
    publish();
  }

  /** Gives a read of exactly this offset, over or not, or null. */
  @Nullable SlowRead take(PartitionId partition, long offset) {
    var entry = byOffset.remove(new Key(partition, offset));
    if (entry == null) {
      return null;
    }
    forget(entry);
    publish();
    entry.read.setTaker(null);
    return entry.read;
  }

  @Override
  public void onRead(SlowRead read) {
    var entry = byOffset.get(Key.of(read));
    if (entry == null || entry.read != read) {
      throw new IllegalStateException("a read that nobody kept has ended");
    }
    if (read.result() instanceof ReadResult.Records(_, var found) && found.sizeBytes() > 0) {
      entry.sizeBytes = found.sizeBytes();
      bytes += entry.sizeBytes;
      trim(Long.MIN_VALUE);
    } else {
      byOffset.remove(entry.key);
      drop(entry); // the next fetch asks anew
    }
    publish();
  }

  private void planSweep() {
    if (sweepPlanned || byOffset.isEmpty()) {
      return;
    }
    sweepPlanned = true;
    long keepNs = config.lateReadKeepMs() * 1_000_000;
    var _ =
        home.lane()
            .executeAt(
                home.clock().monotonicNs() + keepNs,
                () -> {
                  sweepPlanned = false;
                  trim(home.clock().monotonicNs() - keepNs);
                  planSweep();
                  publish();
                });
  }

  /**
   * Drops the oldest while there are too many, and all kept since {@code keptSinceNs} or longer.
   */
  private void trim(long keptSinceNs) {
    for (var oldest = oldestFirst.peek(); oldest != null; oldest = oldestFirst.peek()) {
      boolean tooMuch =
          bytes > config.lateReadMaxBytes() || byOffset.size() > config.lateReadMaxCount();
      boolean tooOld = keptSinceNs != Long.MIN_VALUE && oldest.keptSinceNs - keptSinceNs <= 0;
      if (!oldest.gone && !tooMuch && !tooOld) {
        return;
      }
      oldestFirst.remove();
      if (!oldest.gone) {
        byOffset.remove(oldest.key);
        drop(oldest);
      }
    }
  }

  private void publish() {
    publishedCount = byOffset.size();
    publishedBytes = bytes;
  }

  private void drop(Entry entry) {
    forget(entry);
    entry.read.abandon();
  }

  private void forget(Entry entry) {
    entry.gone = true;
    bytes -= entry.sizeBytes;
  }

  private record Key(PartitionId partition, long offset) {

    private static Key of(SlowRead read) {
      return new Key(read.request().partition(), read.request().fetchOffset());
    }
  }

  private static final class Entry {

    private final Key key;
    private final SlowRead read;
    private final long keptSinceNs;
    private int sizeBytes;
    private boolean gone;

    private Entry(Key key, SlowRead read, long keptSinceNs) {
      this.key = key;
      this.read = read;
      this.keptSinceNs = keptSinceNs;
    }
  }
}
