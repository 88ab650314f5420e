package io.tidelog.core.log;

import java.nio.ByteBuffer;

/**
 * Decides up to which offset a delayed partition may be seen. A machine: fed by the log's lane with
 * what is applied to the view, in log order, so that it is a function of the log.
 *
 * <p>Due of a record = max(due of the previous record, append time + delay when appended).
 */
public interface DelayGate {

  /** A stretch of records below {@code endOffset} was appended at {@code appendTimeMs}. */
  void onAppended(long endOffset, long appendTimeMs, int sizeBytes);

  /** Later appends wait {@code delayMs}; what was appended keeps its due time. */
  void onDelayChanged(long delayMs);

  /** Everything appended so far becomes due at {@code nowMs}. */
  void onDeliverAll(long nowMs);

  /**
   * First offset not yet due, never before the real due time and never going back.
   *
   * @param limitOffset the high watermark
   */
  long visibleEndOffset(long nowMs, long limitOffset);

  /** When the visible end moves next, or {@link Long#MAX_VALUE} when nothing is pending. */
  long nextDueMs();

  /** Due time of the newest record that is visible; retention counts from it. */
  long lastVisibleDueMs();

  long pendingBytes();

  /** Its state for a checkpoint: gives a buffer from position to limit. */
  ByteBuffer save();
}
