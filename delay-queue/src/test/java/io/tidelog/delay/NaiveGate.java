package io.tidelog.delay;

import java.util.ArrayList;
import java.util.List;

/**
 * What a gate does, said as simply as it can be: every append in a list, the shown ones counted.
 */
final class NaiveGate {

  private record Append(long end, long dueMs, int sizeBytes) {}

  private final List<Append> appends = new ArrayList<>();
  private int shown;
  private long lastDueMs;
  long delayMs;

  void append(long end, long timeMs, int sizeBytes) {
    lastDueMs = Math.max(lastDueMs, timeMs + delayMs);
    appends.add(new Append(end, lastDueMs, sizeBytes));
  }

  void deliverAll(long nowMs) {
    for (int i = shown; i < appends.size(); i++) {
      var a = appends.get(i);
      appends.set(i, new Append(a.end(), Math.min(a.dueMs(), nowMs), a.sizeBytes()));
    }
    lastDueMs = Math.min(lastDueMs, nowMs);
  }

  long visibleEnd(long nowMs) {
    while (shown < appends.size() && appends.get(shown).dueMs() <= nowMs) {
      shown++;
    }
    return shown == 0 ? 0 : appends.get(shown - 1).end();
  }

  long lastVisibleDue() {
    return shown == 0 ? 0 : appends.get(shown - 1).dueMs();
  }

  long nextDue() {
    return shown == appends.size() ? Long.MAX_VALUE : appends.get(shown).dueMs();
  }

  long pendingBytes() {
    return appends.stream().skip(shown).mapToLong(Append::sizeBytes).sum();
  }

  long end() {
    return appends.isEmpty() ? 0 : appends.getLast().end();
  }
}
