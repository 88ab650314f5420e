package io.tidelog.hot.view;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.Refusal;
import io.tidelog.hot.format.ImportedState.Batch;
import io.tidelog.hot.format.ImportedState.Producer;
import io.tidelog.hot.format.MoveCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a partition remembers of one idempotent producer: its epoch and its last batches (KIP-98,
 * KIP-360). Immutable.
 */
public final class ProducerState {

  /** A client has at most as many produce requests in flight (KIP-98). */
  public static final int MAX_BATCHES = MoveCodec.MAX_BATCHES;

  private static final int LONGS_PER_BATCH = 2;
  private static final SequenceCheck NEXT = new SequenceCheck.Next();

  private final short epoch;
  private final long lastAppendTimeMs;
  private final long lastTimestampMs;

  /** Oldest first; per batch the last offset, then the last sequence and the offset delta. */
  private final long[] batches;

  ProducerState(short epoch, long lastAppendTimeMs, long lastTimestampMs, long[] batches) {
    this.epoch = epoch;
    this.lastAppendTimeMs = lastAppendTimeMs;
    this.lastTimestampMs = lastTimestampMs;
    this.batches = batches;
  }

  /**
   * Judges the next batch of a producer. One that may have been forgotten begins with any sequence,
   * since it must be able to go on (KIP-360). One that is new here begins with 0: what it sent
   * before this batch was refused, perhaps because nobody led the partition yet, and comes again.
   *
   * @param state null when there is none
   * @param mayBeForgotten whether there may have been one
   */
  public static SequenceCheck check(
      @Nullable ProducerState state, BatchHeader batch, boolean mayBeForgotten) {
    if (state != null) {
      return state.check(batch);
    }
    return mayBeForgotten || batch.baseSequence() == 0
        ? NEXT
        : outOfOrder("a new producer begins with sequence " + batch.baseSequence());
  }

  private SequenceCheck check(BatchHeader batch) {
    if (batch.producerEpoch() < epoch) {
      return new SequenceCheck.Refused(
          Refusal.INVALID_PRODUCER_EPOCH,
          "producer epoch " + batch.producerEpoch() + " is older than " + epoch);
    }
    if (batch.producerEpoch() > epoch) {
      return batch.baseSequence() == 0
          ? NEXT
          : outOfOrder(
              "a new producer epoch "
                  + batch.producerEpoch()
                  + " begins with sequence "
                  + batch.baseSequence());
    }
    for (int at = 0; at < batches.length; at += LONGS_PER_BATCH) {
      if (batch.lastSequence() == sequenceAt(at) && batch.lastOffsetDelta() == deltaAt(at)) {
        return new SequenceCheck.Duplicate(batches[at] - deltaAt(at));
      }
    }
    int last = lastSequence();
    int next = last == Integer.MAX_VALUE ? 0 : last + 1;
    return batch.baseSequence() == next
        ? NEXT
        : outOfOrder("sequence " + batch.baseSequence() + ", expected " + next);
  }

  private static SequenceCheck outOfOrder(String message) {
    return new SequenceCheck.Refused(Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER, message);
  }

  /** The state after {@code batch}, whose offsets are those the log gave it. */
  public static ProducerState after(
      @Nullable ProducerState state, BatchHeader batch, long appendTimeMs) {
    long[] kept = state == null || state.epoch != batch.producerEpoch() ? NONE : state.batches;
    int from = kept.length == MAX_BATCHES * LONGS_PER_BATCH ? LONGS_PER_BATCH : 0;
    int count = kept.length - from;
    var next = new long[count + LONGS_PER_BATCH];
    System.arraycopy(kept, from, next, 0, count);
    next[count] = batch.endOffset() - 1;
    next[count + 1] = packed(batch.lastSequence(), batch.lastOffsetDelta());
    return new ProducerState(batch.producerEpoch(), appendTimeMs, batch.maxTimestampMs(), next);
  }

  private static final long[] NONE = new long[0];

  private int sequenceAt(int at) {
    return (int) (batches[at + 1] >>> 32);
  }

  private int deltaAt(int at) {
    return (int) batches[at + 1];
  }

  public short epoch() {
    return epoch;
  }

  public int lastSequence() {
    return sequenceAt(batches.length - LONGS_PER_BATCH);
  }

  public long lastAppendTimeMs() {
    return lastAppendTimeMs;
  }

  /** The largest record time stamp of the last batch. */
  public long lastTimestampMs() {
    return lastTimestampMs;
  }

  public OffsetRange lastBatch() {
    int at = batches.length - LONGS_PER_BATCH;
    return new OffsetRange(batches[at] - deltaAt(at), batches[at] + 1);
  }

  /** As another log is told of it. */
  Producer saved(long producerId) {
    List<Batch> saved = new ArrayList<>(batches.length / LONGS_PER_BATCH);
    for (int at = 0; at < batches.length; at += LONGS_PER_BATCH) {
      saved.add(new Batch(batches[at], sequenceAt(at), deltaAt(at)));
    }
    return new Producer(producerId, epoch, lastAppendTimeMs, lastTimestampMs, saved);
  }

  static ProducerState of(Producer saved) {
    var batches = new long[saved.batches().size() * LONGS_PER_BATCH];
    int at = 0;
    for (var batch : saved.batches()) {
      batches[at++] = batch.lastOffset();
      batches[at++] = packed(batch.lastSequence(), batch.lastOffsetDelta());
    }
    return new ProducerState(
        saved.epoch(), saved.lastAppendTimeMs(), saved.lastTimestampMs(), batches);
  }

  private static long packed(int lastSequence, int lastOffsetDelta) {
    return ((long) lastSequence << 32) | lastOffsetDelta;
  }

  long[] batches() {
    return batches;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ProducerState that
        && epoch == that.epoch
        && lastAppendTimeMs == that.lastAppendTimeMs
        && lastTimestampMs == that.lastTimestampMs
        && Arrays.equals(batches, that.batches);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(batches) * 31 + epoch;
  }
}
