package io.tidelog.chaos.check;

import io.tidelog.chaos.history.Outcome;

/**
 * A value that was written where the last one written counts: a group's offset, a topic's setting.
 *
 * @param writer who wrote it: a consumer, or nobody that matters
 * @param doneNs the end of time while the outcome is unknown
 */
record Commit(Spot spot, Object writer, long invokedNs, Outcome outcome, long doneNs, long value) {

  Commit done(Outcome how, long atNs) {
    return new Commit(
        spot, writer, invokedNs, how, how == Outcome.UNKNOWN ? Long.MAX_VALUE : atNs, value);
  }

  boolean isOk() {
    return outcome == Outcome.OK;
  }
}
