package io.tidelog.chaos.client;

import io.tidelog.chaos.world.Pause;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** Tells the threads of a client that its time is over. */
final class Stop {

  private final CountDownLatch gate = new CountDownLatch(1);

  void now() {
    gate.countDown();
  }

  boolean isNow() {
    return gate.getCount() == 0;
  }

  /** Waits so long, or until it is time to stop; whether it is. */
  boolean after(long ms) throws IOException {
    return Pause.untilOpen(gate, ms);
  }
}
