package io.tidelog.chaos.check;

import io.tidelog.chaos.history.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the last value written counts. A write that ended before another began is replaced by it;
 * writes at the same time may come in any order, and one of unknown outcome at any time.
 */
final class Register {

  /** What a reading says about the register. */
  enum Reading {
    FINE,
    /** Something was written before, and nothing was found. */
    LOST,
    /** What was found had been replaced before. */
    REPLACED,
    /** What was found was never written. */
    PHANTOM
  }

  private final List<Commit> writes = new ArrayList<>();

  void add(Commit write) {
    if (write.outcome() != Outcome.FAILED) {
      writes.add(write);
    }
  }

  List<Commit> writes() {
    return writes;
  }

  /**
   * @param found null for nothing
   */
  Reading judge(long invokedNs, long doneNs, @Nullable Long found) {
    // The latest beginning of a write that ended well before the reading began: whatever ended
    // before that was replaced.
    long replacedBefore = Long.MIN_VALUE;
    for (var write : writes) {
      if (write.isOk() && write.doneNs() < invokedNs) {
        replacedBefore = Math.max(replacedBefore, write.invokedNs());
      }
    }
    if (found == null) {
      return replacedBefore == Long.MIN_VALUE ? Reading.FINE : Reading.LOST;
    }
    var reading = Reading.PHANTOM;
    for (var write : writes) {
      if (write.value() == found && write.invokedNs() < doneNs) {
        if (write.doneNs() >= replacedBefore) {
          return Reading.FINE;
        }
        reading = Reading.REPLACED;
      }
    }
    return reading;
  }
}
