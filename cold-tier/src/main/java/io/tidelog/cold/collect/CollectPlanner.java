package io.tidelog.cold.collect;

import io.tidelog.cold.store.StoredObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides which unneeded objects have been unneeded for long enough. Pure.
 *
 * <p>Two clocks must agree that the grace has passed: our monotonic one since we first saw the
 * object unneeded, and the store's since it was written. A restart forgets the first, which only
 * delays.
 */
final class CollectPlanner {

  /**
   * What to do after a pass.
   *
   * @param watched when each object that stays was first seen unneeded, monotonic nanoseconds
   */
  record Decision(List<String> delete, Map<String, Long> watched) {}

  private static final long NS_PER_MS = 1_000_000;

  private CollectPlanner() {}

  /**
   * @param unneeded listed, and in no view, and in nobody's work
   * @param watched from the last decision
   */
  static Decision decide(
      List<StoredObject> unneeded,
      Map<String, Long> watched,
      long nowNs,
      long wallMs,
      long graceMs) {
    var delete = new ArrayList<String>();
    var stillWatched = new HashMap<String, Long>();
    for (var object : unneeded) {
      Long sinceNs = watched.get(object.key());
      if (sinceNs != null
          && (nowNs - sinceNs) / NS_PER_MS >= graceMs
          && wallMs - object.lastModifiedMs() >= graceMs) {
        delete.add(object.key());
      } else {
        stillWatched.put(object.key(), sinceNs == null ? nowNs : sinceNs);
      }
    }
    return new Decision(List.copyOf(delete), Map.copyOf(stillWatched));
  }
}
