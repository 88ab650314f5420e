package io.tidelog.hot.runtime;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells those who wait; a completion that throws must not stop the log. */
final class Answers {

  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  static void tell(Runnable answer) {
    try {
      answer.run();
    } catch (RuntimeException e) {
      LOG.error("answering an append failed", e);
    }
  }

  /** Whether that is all it waited for. */
  static boolean tellWritten(CommitWaiter waiter) {
    try {
      return waiter.onWritten();
    } catch (RuntimeException e) {
      LOG.error("answering an append failed", e);
      return true;
    }
  }

  /** Whether it waits no more. */
  static boolean tellNotEnoughReplicas(CommitWaiter waiter) {
    try {
      return waiter.onNotEnoughReplicas();
    } catch (RuntimeException e) {
      LOG.error("answering an append failed", e);
      return true;
    }
  }
}
