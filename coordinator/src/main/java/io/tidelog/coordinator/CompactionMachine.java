package io.tidelog.coordinator;

import io.tidelog.coordinator.CompactionDecision.Move;
import io.tidelog.coordinator.CompactionDecision.ReadHead;
import io.tidelog.coordinator.CompactionDecision.Rest;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one internal partition bounded, as a copying collector keeps a heap bounded: what is still
 * the latest of its key at the head of the log is appended again at its end, and the head goes. The
 * price of each step is bounded and paid when the partition grows, so no group ever waits for a
 * clean-up, and loading a partition never reads more than about twice what is alive in it.
 *
 * <p>Memory only; owned by the thread that serves the partition. It is told everything that is in
 * the log in offset order, and leaves reading, appending and trimming to {@link OffsetsShard}.
 *
 * <p>A tombstone that is the latest of its key is not moved: all older records of that key lie
 * before it and go in the same trim or went in an earlier one. A crash between append and trim
 * leaves both copies, which replay to the same state.
 */
final class CompactionMachine {

  private final CompactionLimits limits;
  private final KeyHash.Secret secret;
  private final LatestOffsets latest = new LatestOffsets();
  private long headOffset;
  private long logBytes;
  private long bytesSinceRead;
  private @Nullable HeadChunk leaving;
  private boolean reading;

  CompactionMachine(CompactionLimits limits, KeyHash.Secret secret, long logStartOffset) {
    this.limits = limits;
    this.secret = secret;
    this.headOffset = logStartOffset;
  }

  /** A record is in the log; in offset order. */
  void onRecord(KeyedRecord record) {
    latest.put(
        KeyHash.of(record.key(), secret),
        record.offset(),
        record.isTombstone() ? 0 : record.sizeBytes());
  }

  /** The log grew by batches of {@code sizeBytes}. */
  void onGrown(long sizeBytes) {
    logBytes += sizeBytes;
    bytesSinceRead += sizeBytes;
  }

  /** Asked after each growth and each step. */
  CompactionDecision decide() {
    if (reading || leaving != null || !hasTooMuchGarbage()) {
      return new Rest();
    }
    reading = true;
    long wanted = Math.max(limits.chunkBytes(), 4 * bytesSinceRead);
    bytesSinceRead = 0;
    return new ReadHead(headOffset, (int) Math.min(wanted, limits.maxChunkBytes()));
  }

  /** Answers {@link ReadHead}. */
  CompactionDecision onHeadRead(HeadChunk chunk) {
    reading = false;
    if (chunk.endOffset() <= headOffset) {
      return new Rest();
    }
    var moved = new ArrayList<KeyedRecord>();
    for (var record : chunk.records()) {
      var key = KeyHash.of(record.key(), secret);
      if (latest.isLatest(key, record.offset())) {
        if (record.isTombstone()) {
          latest.remove(key);
        } else {
          moved.add(record);
        }
      }
    }
    leaving = chunk;
    return new Move(moved, chunk.endOffset());
  }

  /** The head could not be read now; a later growth tries again. */
  void onHeadUnreadable() {
    reading = false;
  }

  /** What {@link Move} named is committed and the log starts at its end. */
  void onTrimmed() {
    var gone = leaving;
    if (gone == null) {
      throw new IllegalStateException("trimmed at " + headOffset + " with nothing to leave");
    }
    leaving = null;
    headOffset = gone.endOffset();
    logBytes -= gone.sizeBytes();
  }

  /** Bytes of the batches from the head to the end. */
  long logBytes() {
    return logBytes;
  }

  long liveBytes() {
    return latest.liveBytes();
  }

  private boolean hasTooMuchGarbage() {
    long live = latest.liveBytes();
    return logBytes - live > Math.max(limits.garbageBytes(), live);
  }
}
