package io.tidelog.chaos;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets a signal interrupt the thread that has something to put away, and waits until it has. */
final class OrderlyEnd implements AutoCloseable {

  private static final long TIMEOUT_S = 60;

  private final Thread worker = Thread.currentThread();
  private final CountDownLatch isDone = new CountDownLatch(1);

  /** For this thread, until {@link #close}. */
  OrderlyEnd() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::interruptAndWait));
  }

  private void interruptAndWait() {
    if (isDone.getCount() == 0) {
      return;
    }
    worker.interrupt();
    try {
      boolean unused = isDone.await(TIMEOUT_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Everything is put away. */
  @Override
  public void close() {
    isDone.countDown();
  }
}
