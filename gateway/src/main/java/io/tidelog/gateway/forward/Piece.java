package io.tidelog.gateway.forward;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One piece of a request under way. Belongs to its connection's lane. */
public final class Piece {

  private final ForwardTask task;
  private final int index;

  /** Null for one without order, and for one that is over. */
  private @Nullable Line line;

  private boolean over;

  /** It was sent, and lost. */
  private boolean uncertain;

  private int failures;
  private @Nullable Route failedAt;
  private long notBeforeNs;

  Piece(ForwardTask task, int index) {
    this.task = task;
    this.index = index;
  }

  public int index() {
    return index;
  }

  ForwardTask task() {
    return task;
  }

  /** Requests of a connection have rising numbers. */
  long number() {
    return task.number();
  }

  Line line() {
    if (line == null) {
      throw new IllegalStateException("a piece without a line");
    }
    return line;
  }

  void join(Line joined) {
    line = joined;
  }

  boolean isOver() {
    return over;
  }

  void end() {
    over = true;
  }

  boolean isUncertain() {
    return uncertain;
  }

  void onLost() {
    uncertain = true;
  }

  /** It is not sent that way again before a time. */
  void onFailed(@Nullable Route route, long nowNs, ForwardConfig config) {
    failures = Objects.equals(route, failedAt) ? failures + 1 : 1;
    failedAt = route;
    notBeforeNs = nowNs + config.backoffNs(failures);
  }

  boolean maySend(Route route, long nowNs) {
    return failedAt == null || !failedAt.equals(route) || nowNs - notBeforeNs >= 0;
  }
}
