package io.tidelog.delay;

import io.tidelog.core.Fault;
import io.tidelog.core.log.DelayGate;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Shows a record when its append time plus the delay has passed, and never one before its
 * predecessor. A machine of one partition, owned by its log's lane; takes the time as an argument
 * and has no other input. What it has shown stays shown, whatever the clock does: that is kept as
 * an offset, not as a time.
 *
 * <p>Saved state, big-endian: version (4 bytes, 1), delay, due of the newest record, end of what
 * was appended, end of what was due, due of the newest record that was due (8 bytes each), then the
 * {@link PendingStretches}.
 */
final class AppendTimeGate implements DelayGate {

  private static final int SAVED_VERSION = 1;
  private static final int SAVED_HEADER_BYTES = Integer.BYTES + 5 * Long.BYTES;

  private final PendingStretches pending;
  private long delayMs;
  private long lastDueMs;
  private long appendedEndOffset;
  private long dueEndOffset;
  private long lastVisibleDueMs;

  AppendTimeGate(long delayMs, PendingStretches pending) {
    this.delayMs = checkDelay(delayMs);
    this.pending = pending;
  }

  @Override
  public void onAppended(long endOffset, long appendTimeMs, int sizeBytes) {
    if (endOffset < appendedEndOffset) {
      throw new Fault.Broken(
          "records up to " + endOffset + " appended after those up to " + appendedEndOffset);
    }
    lastDueMs = Math.max(lastDueMs, addCapped(appendTimeMs, delayMs));
    appendedEndOffset = endOffset;
    pending.add(endOffset, lastDueMs, sizeBytes);
  }

  @Override
  public void onDelayChanged(long newDelayMs) {
    delayMs = checkDelay(newDelayMs);
  }

  @Override
  public void onDeliverAll(long nowMs) {
    pending.capDue(nowMs);
    lastDueMs = Math.min(lastDueMs, nowMs);
  }

  @Override
  public long visibleEndOffset(long nowMs, long limitOffset) {
    while (!pending.isEmpty() && pending.firstDueMs() <= nowMs) {
      dueEndOffset = pending.firstEndOffset();
      lastVisibleDueMs = pending.firstDueMs();
      pending.removeFirst();
    }
    return Math.min(dueEndOffset, limitOffset);
  }

  @Override
  public long nextDueMs() {
    return pending.isEmpty() ? Long.MAX_VALUE : pending.firstDueMs();
  }

  @Override
  public long lastVisibleDueMs() {
    return lastVisibleDueMs;
  }

  @Override
  public long pendingBytes() {
    return pending.sizeBytes();
  }

  @Override
  public ByteBuffer save() {
    var out = ByteBuffer.allocate(SAVED_HEADER_BYTES + pending.savedSizeBytes());
    out.putInt(SAVED_VERSION)
        .putLong(delayMs)
        .putLong(lastDueMs)
        .putLong(appendedEndOffset)
        .putLong(dueEndOffset)
        .putLong(lastVisibleDueMs);
    pending.save(out);
    return out.flip();
  }

  /** Borrows {@code saved} and moves its position. */
  static AppendTimeGate restore(ByteBuffer saved, int maxPendingStretches) {
    try {
      int version = saved.getInt();
      if (version != SAVED_VERSION) {
        throw new Fault.Broken("a saved delay gate has version " + version + ", known is 1");
      }
      var pending = new PendingStretches(maxPendingStretches);
      var gate = new AppendTimeGate(saved.getLong(), pending);
      gate.lastDueMs = saved.getLong();
      gate.appendedEndOffset = saved.getLong();
      gate.dueEndOffset = saved.getLong();
      gate.lastVisibleDueMs = saved.getLong();
      pending.restore(saved, gate.dueEndOffset);
      if (saved.hasRemaining()
          || (pending.isEmpty() ? gate.dueEndOffset : pending.lastEndOffset())
              != gate.appendedEndOffset) {
        throw new Fault.Broken("a saved delay gate does not end where its records end");
      }
      return gate;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new Fault.Broken("a saved delay gate is damaged", e);
    }
  }

  private static long checkDelay(long delayMs) {
    if (delayMs < 0) {
      throw new IllegalArgumentException("delay " + delayMs + " ms is negative");
    }
    return delayMs;
  }

  /** Never wraps into the past: that would show a record early. */
  private static long addCapped(long timeMs, long delayMs) {
    return timeMs > Long.MAX_VALUE - delayMs ? Long.MAX_VALUE : timeMs + delayMs;
  }
}
