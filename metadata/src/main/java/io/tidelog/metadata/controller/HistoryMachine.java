package io.tidelog.metadata.controller;

import io.tidelog.metadata.controller.ControllerDecision.ForgetHistory;
import java.util.Optional;

/**
 * Up to where the store forgets what was superseded, which etcd keeps until somebody says so: every
 * so often, up to where the store was the time before. So a watch that breaks off and a range that
 * is read in pages have that long; one that takes longer reads everything anew. Memory only.
 */
final class HistoryMachine {

  /** As {@code intervalNs}: the store's operator sees to it. */
  static final long NEVER = 0;

  private static final long NONE = 0;

  private final long intervalNs;

  /** Where the store was at {@link #markedNs}, or {@link #NONE}. */
  private long marked = NONE;

  private long markedNs;
  private long forgotten = NONE;

  HistoryMachine(long intervalNs) {
    this.intervalNs = intervalNs;
  }

  /** Begins anew: another was the controller meanwhile. */
  void reset() {
    marked = NONE;
    forgotten = NONE;
  }

  /**
   * @param revision the store's
   */
  Optional<ForgetHistory> decide(long revision, long nowNs) {
    if (intervalNs == NEVER || (marked != NONE && nowNs - markedNs < intervalNs)) {
      return Optional.empty();
    }
    long upTo = marked;
    marked = revision;
    markedNs = nowNs;
    if (upTo == forgotten) {
      return Optional.empty();
    }
    forgotten = upTo;
    return Optional.of(new ForgetHistory(upTo));
  }
}
