package io.tidelog.gateway.handler.data;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.LogAppender;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What one event loop keeps for the produce requests of its connections: the appends of this turn
 * of the loop, which enter the log with one wake-up, and the requests that wait for their answer.
 * Owned by that loop.
 */
final class ProduceLane {

  /** A request times out at most this much later than it says. */
  static final long SWEEP_NS = 100_000_000;

  private final Lane loop;
  private final Clock clock;
  private final LogAppender log;
  private final CompletionPoster poster;
  private final Set<ProduceTask> waiting = new LinkedHashSet<>();

  private List<AppendRequest> turn = new ArrayList<>();
  private boolean sweepPlanned;

  ProduceLane(Lane loop, Clock clock, LogAppender log) {
    this.loop = loop;
    this.clock = clock;
    this.log = log;
    this.poster = new CompletionPoster(loop);
  }

  CompletionPoster poster() {
    return poster;
  }

  /** Appends at the end of this turn, in the order of the calls. */
  void append(AppendRequest append) {
    if (turn.isEmpty()) {
      loop.execute(this::endTurn);
    }
    turn.add(append);
  }

  /** Lets the task know when its time is over; until {@link #onAnswered}. */
  void await(ProduceTask task) {
    waiting.add(task);
    planSweep();
  }

  void onAnswered(ProduceTask task) {
    waiting.remove(task);
  }

  private void endTurn() {
    var appends = turn;
    turn = new ArrayList<>();
    log.append(appends);
  }

  private void planSweep() {
    if (!sweepPlanned && !waiting.isEmpty()) {
      sweepPlanned = true;
      var _ = loop.executeAt(clock.monotonicNs() + SWEEP_NS, this::sweep);
    }
  }

  private void sweep() {
    sweepPlanned = false;
    long now = clock.monotonicNs();
    var late = waiting.stream().filter(task -> task.deadlineNs() - now <= 0).toList();
    late.forEach(ProduceTask::onTimeout);
    planSweep();
  }
}
