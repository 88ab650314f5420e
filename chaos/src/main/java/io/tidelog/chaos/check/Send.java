package io.tidelog.chaos.check;

import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.history.Stamp;
import io.tidelog.chaos.history.Value;

/**
 * One record that a producer tried to append.
 *
 * @param doneNs when its outcome was known; the end of time while it is not
 * @param offset -1 when it was not told
 */
record Send(
    Spot spot, Place place, long value, Stamp invoked, Outcome outcome, long doneNs, long offset) {

  static Send invoked(Spot spot, Place place, long value, Stamp at) {
    return new Send(spot, place, value, at, Outcome.UNKNOWN, Long.MAX_VALUE, -1);
  }

  Send done(Outcome how, long atNs, long toldOffset) {
    return new Send(spot, place, value, invoked, how, atNs, toldOffset);
  }

  boolean isAcknowledged() {
    return outcome == Outcome.OK;
  }

  @Override
  public String toString() {
    return Value.text(value);
  }
}
