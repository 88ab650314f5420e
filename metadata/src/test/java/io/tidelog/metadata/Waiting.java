package io.tidelog.metadata;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits until something holds, asked on a lane that is told of everything there is. */
public final class Waiting {

  private static final long LONGEST_NS = 30_000_000_000L;

  private Waiting() {}

  /** Asks {@code condition} on {@code lane} until it holds. */
  public static void until(LaneThread lane, String what, BooleanSupplier condition) {
    var held = new CountDownLatch(1);
    long deadlineNs = System.nanoTime() + LONGEST_NS;
    ask(lane, condition, held, deadlineNs);
    try {
      if (!held.await(LONGEST_NS, TimeUnit.NANOSECONDS)) {
        throw new AssertionError("never came true: " + what);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(what, e);
    }
  }

  private static void ask(
      LaneThread lane, BooleanSupplier condition, CountDownLatch held, long deadlineNs) {
    lane.execute(
        () -> {
          if (condition.getAsBoolean()) {
            held.countDown();
          } else if (System.nanoTime() - deadlineNs < 0) {
            lane.executeAt(
                System.nanoTime() + 1_000_000, () -> ask(lane, condition, held, deadlineNs));
          }
        });
  }
}
