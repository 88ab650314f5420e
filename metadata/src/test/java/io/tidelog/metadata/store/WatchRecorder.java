package io.tidelog.metadata.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Writes down what a watch tells, for a test to take. */
final class WatchRecorder implements MetadataStore.WatchListener {

  final BlockingQueue<String> told = new ArrayBlockingQueue<>(100_000);

  @Override
  public void onEvents(long revision, List<WatchEvent> events) {
    for (var event : events) {
      told.add(
          event instanceof WatchEvent.Put put
              ? "put " + put.key() + "=" + MetadataStoreContract.text(put.entry())
              : "deleted " + event.key());
    }
  }

  @Override
  public void onCompacted(long compactedRevision) {
    told.add("compacted " + compactedRevision);
  }

  /** Nothing was told, now and in the next moment. */
  boolean isSilent() {
    try {
      var first = told.poll(50, TimeUnit.MILLISECONDS);
      return first == null || !told.offer(first);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The next {@code count} things told, waiting for them. */
  List<String> take(int count) {
    var taken = new ArrayList<String>();
    while (taken.size() < count) {
      try {
        var next = told.poll(30, TimeUnit.SECONDS);
        assertThat(next).as("told after %s", taken).isNotNull();
        taken.add(next);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    return taken;
  }
}
