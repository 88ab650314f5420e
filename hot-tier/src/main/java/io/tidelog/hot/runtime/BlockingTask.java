package io.tidelog.hot.runtime;

import org.jspecify.annotations.Nullable;

/** Work of a thread that may block, supervised: whatever it fails with comes back as a value. */
@FunctionalInterface
interface BlockingTask {

  void run() throws Exception;

  /** Runs the task and gives what it failed with, errors included, or null. */
  static @Nullable Throwable failureOf(BlockingTask task) {
    try {
      task.run();
      return null;
    } catch (Throwable failure) {
      return failure;
    }
  }
}
