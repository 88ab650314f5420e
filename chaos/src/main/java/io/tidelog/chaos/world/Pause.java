package io.tidelog.chaos.world;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waiting that an interrupt ends. */
public final class Pause {

  private Pause() {}

  /** Whether the process ended meanwhile. */
  public static boolean untilEnd(Process process, long ms) throws IOException {
    try {
      return process.waitFor(ms, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Whether it was opened meanwhile. */
  public static boolean untilOpen(CountDownLatch gate, long ms) throws IOException {
    try {
      return gate.await(ms, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  public static void ms(long ms) throws IOException {
    boolean unused = untilOpen(new CountDownLatch(1), ms);
  }

  private static IOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    var interrupted = new InterruptedIOException("interrupted while waiting");
    interrupted.initCause(cause);
    return interrupted;
  }
}
