package io.tidelog.hot.view;

import io.tidelog.core.log.DelayGate;
import io.tidelog.core.log.DelayGates;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The simplest gates that keep the contract of {@link DelayGate}: every stretch in a list. */
public final class ListDelayGates implements DelayGates {

  private record Stretch(long endOffset, long dueMs, int sizeBytes) {}

  @Override
  public DelayGate create(long delayMs) {
    return new ListGate(delayMs);
  }

  @Override
  public DelayGate restore(ByteBuffer saved) {
    var in = saved.duplicate();
    var gate = new ListGate(in.getLong());
    gate.visibleEnd = in.getLong();
    gate.lastDueMs = in.getLong();
    gate.visibleDueMs = in.getLong();
    while (in.hasRemaining()) {
      gate.pending.add(new Stretch(in.getLong(), in.getLong(), in.getInt()));
    }
    return gate;
  }

  private static final class ListGate implements DelayGate {
    private final List<Stretch> pending = new ArrayList<>();
    private long delayMs;
    private long visibleEnd;
    private long lastDueMs;
    private long visibleDueMs;

    ListGate(long delayMs) {
      this.delayMs = delayMs;
    }

    @Override
    public void onAppended(long endOffset, long appendTimeMs, int sizeBytes) {
      lastDueMs = Math.max(lastDueMs, appendTimeMs + delayMs);
      pending.add(new Stretch(endOffset, lastDueMs, sizeBytes));
    }

    @Override
    public void onDelayChanged(long newDelayMs) {
      delayMs = newDelayMs;
    }

    @Override
    public void onDeliverAll(long nowMs) {
      pending.replaceAll(
          s -> new Stretch(s.endOffset(), Math.min(s.dueMs(), nowMs), s.sizeBytes()));
      lastDueMs = Math.min(lastDueMs, nowMs);
    }

    @Override
    public long visibleEndOffset(long nowMs, long limitOffset) {
      while (!pending.isEmpty()
          && pending.getFirst().dueMs() <= nowMs
          && pending.getFirst().endOffset() <= limitOffset) {
        var due = pending.removeFirst();
        visibleEnd = due.endOffset();
        visibleDueMs = due.dueMs();
      }
      return visibleEnd;
    }

    @Override
    public long nextDueMs() {
      return pending.isEmpty() ? Long.MAX_VALUE : pending.getFirst().dueMs();
    }

    @Override
    public long lastVisibleDueMs() {
      return visibleDueMs;
    }

    @Override
    public long pendingBytes() {
      return pending.stream().mapToLong(Stretch::sizeBytes).sum();
    }

    @Override
    public ByteBuffer save() {
      var out = ByteBuffer.allocate(32 + pending.size() * 20);
      out.putLong(delayMs).putLong(visibleEnd).putLong(lastDueMs).putLong(visibleDueMs);
      pending.forEach(s -> out.putLong(s.endOffset()).putLong(s.dueMs()).putInt(s.sizeBytes()));
      return out.flip();
    }
  }
}
