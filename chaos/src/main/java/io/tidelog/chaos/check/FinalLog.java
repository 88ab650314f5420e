package io.tidelog.chaos.check;

import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.history.Reading;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A partition as the final reading found it: by offset, what stands there. Two readings that differ
 * are for others to notice.
 */
final class FinalLog {

  private final TreeMap<Long, Long> values = new TreeMap<>();
  private final Observed.@Nullable Bounds bounds;

  private FinalLog(Observed.@Nullable Bounds bounds) {
    this.bounds = bounds;
  }

  static FinalLog of(Observed observed, Place place) {
    var log = new FinalLog(observed.bounds(place));
    observed
        .seen(place)
        .forEach(
            (session, seen) -> {
              if (session.reading() == Reading.FINAL) {
                for (var each : seen) {
                  if (each instanceof Seen.Record read) {
                    log.values.putIfAbsent(read.offset(), read.value());
                  }
                }
              }
            });
    return log;
  }

  boolean isRead() {
    return bounds != null;
  }

  /** Of the first record that was not trimmed. */
  long start() {
    return bounds == null ? 0 : bounds.start();
  }

  long end() {
    return bounds == null ? 0 : bounds.end();
  }

  Map<Long, Long> values() {
    return values;
  }

  /** The first offset in [from, to) where a record stands; -1 for none. */
  long firstBetween(long from, long to) {
    var next = values.ceilingKey(from);
    return next != null && next < to ? next : -1;
  }

  /** Behind the last record. */
  long lastEnd() {
    return values.isEmpty() ? start() : values.lastKey() + 1;
  }
}
