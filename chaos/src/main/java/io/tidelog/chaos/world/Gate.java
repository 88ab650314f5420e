package io.tidelog.chaos.world;

import java.util.concurrent.CountDownLatch;

/** A direction that bytes go in, open at first. One thread opens and shuts, any number wait. */
final class Gate {

  private volatile CountDownLatch open = new CountDownLatch(0);

  void shut() {
    if (isOpen()) {
      open = new CountDownLatch(1);
    }
  }

  void open() {
    open.countDown();
  }

  boolean isOpen() {
    return open.getCount() == 0;
  }

  void awaitOpen() throws InterruptedException {
    open.await();
  }
}
