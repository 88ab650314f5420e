package io.tidelog.gateway.handler.data;

import io.tidelog.core.Lane;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Brings what other threads report to one event loop, many reports in one task: however many
 * appends a commit completes, the loop is woken once. From any thread; reports of one thread keep
 * their order. As many wait here as there are appends under way, which their connections bound.
 */
final class CompletionPoster {

  private final Lane loop;

  /** Newest first. */
  private final AtomicReference<@Nullable Report> newest = new AtomicReference<>();

  CompletionPoster(Lane loop) {
    this.loop = loop;
  }

  void post(Report report) {
    Report before;
    do {
      before = newest.get();
      report.before = before;
    } while (!newest.compareAndSet(before, report));
    if (before == null) {
      loop.execute(this::runAll);
    }
  }

  private void runAll() {
    var report = oldestFirst(newest.getAndSet(null));
    while (report != null) {
      var next = report.before;
      report.before = null;
      report.run();
      report = next;
    }
  }

  private static @Nullable Report oldestFirst(@Nullable Report newestReport) {
    Report oldest = null;
    var report = newestReport;
    while (report != null) {
      var before = report.before;
      report.before = oldest;
      oldest = report;
      report = before;
    }
    return oldest;
  }

  /** Something that ended elsewhere; {@link #run} continues it on the loop. Posted once. */
  abstract static class Report implements Runnable {
    private @Nullable Report before;
  }
}
