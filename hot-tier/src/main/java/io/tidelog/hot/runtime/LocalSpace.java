package io.tidelog.hot.runtime;

import io.tidelog.core.LogId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The disk space of a node, shared by the segment logs it holds: each may use what the others leave
 * free, and never less than an equal share. Any thread.
 */
public final class LocalSpace {

  private final long maxBytes;
  private final Map<LogId, Long> usedByLog = new ConcurrentHashMap<>();
  private final AtomicLong usedBytes = new AtomicLong();

  /**
   * @param maxBytes of all logs together
   */
  public LocalSpace(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** A log uses so much now; it counts until {@link #forget}. */
  public void onUsed(LogId log, long bytes) {
    var before = usedByLog.put(log, bytes);
    usedBytes.addAndGet(bytes - (before == null ? 0 : before));
  }

  /** A log is not held here any longer. */
  public void forget(LogId log) {
    var before = usedByLog.remove(log);
    usedBytes.addAndGet(before == null ? 0 : -before);
  }

  /** What a log may use now, in bytes. */
  public long maxBytes(LogId log) {
    long own = usedByLog.getOrDefault(log, 0L);
    long left = maxBytes - (usedBytes.get() - own);
    return Math.max(left, maxBytes / Math.max(1, usedByLog.size()));
  }

  /**
   * What bytes of a log would be if the node held no other: as much of the whole as they are of
   * what the log may use. For limits that are parts of the whole.
   */
  public long asPartOfWhole(LogId log, long bytes) {
    return (long) (bytes * ((double) maxBytes / maxBytes(log)));
  }
}
