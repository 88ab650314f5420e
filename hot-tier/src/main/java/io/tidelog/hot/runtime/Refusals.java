package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Set;

/**
 * Refuses appends. What a producer would act on in a way that cannot be taken back, as by counting
 * its sequences anew, is told only when it is proven that this process still led when it decided;
 * else the producer is sent to look for the leader. Owned by the log's lane.
 */
final class Refusals {

  /** More are not kept waiting: those producers ask again. */
  static final int MAX_HELD = 10_000;

  private static final Set<Refusal> FINAL =
      EnumSet.of(
          Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER,
          Refusal.DUPLICATE_SEQUENCE_NUMBER,
          Refusal.UNKNOWN_PRODUCER_ID,
          Refusal.INVALID_PRODUCER_EPOCH,
          Refusal.OFFSET_OUT_OF_RANGE);

  private final Clock clock;
  private final LogCounters counters;
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private long provenNs;

  private record Held(AppendRequest request, Refusal refusal, String message, long decidedNs) {}

  /**
   * @param provenNs as {@link #onProven}
   */
  Refusals(Clock clock, LogCounters counters, long provenNs) {
    this.clock = clock;
    this.counters = counters;
    this.provenNs = provenNs;
  }

  void refuse(AppendRequest request, Refusal refusal, String message) {
    counters.refused.incrementAndGet();
    long nowNs = clock.monotonicNs();
    if (!FINAL.contains(refusal) || provenNs >= nowNs) {
      tell(request, refusal, message);
    } else if (held.size() < MAX_HELD) {
      held.add(new Held(request, refusal, message, nowNs));
    } else {
      tell(request, Refusal.NOT_LEADER_OR_FOLLOWER, "too many wait to be refused");
    }
  }

  /**
   * Nobody else led before this time.
   *
   * @param ns on the monotonic clock, {@link Long#MAX_VALUE} when nobody else ever will
   */
  void onProven(long ns) {
    provenNs = ns;
    while (!held.isEmpty() && held.getFirst().decidedNs() <= ns) {
      var first = held.removeFirst();
      tell(first.request(), first.refusal(), first.message());
    }
  }

  /** It will never be known. */
  void close() {
    while (!held.isEmpty()) {
      tell(
          held.removeFirst().request(),
          Refusal.NOT_LEADER_OR_FOLLOWER,
          "another process may lead the log");
    }
  }

  private static void tell(AppendRequest request, Refusal refusal, String message) {
    Answers.tell(
        () -> request.completion().onCompleted(new AppendResult.Refused(refusal, message)));
  }
}
