package io.tidelog.cold.offload;

import io.tidelog.cold.store.ObjectStore;
import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.SealedSegmentSource;
import java.util.HashSet;

/**
 * Whether a store is the one a log's objects are in: a log that was offloaded and a store with none
 * of its objects do not belong together, and nothing of the log may go there. The objects
 * themselves are the mark, so that a store that was copied or moved is still the same.
 *
 * <p>Keeps nothing and blocks; a log without live objects asks the store nothing.
 */
public final class StoreMatch {

  private static final int PAGE_OBJECTS = 100;

  private final SealedSegmentSource source;
  private final ObjectStore store;
  private final ColdKeys keys;

  /** Borrows the store. */
  public StoreMatch(SealedSegmentSource source, ObjectStore store, ColdKeys keys) {
    this.source = source;
    this.store = store;
    this.keys = keys;
  }

  /**
   * @throws Fault as the store says; {@code Refused} with {@code INVALID_CONFIG} when it has none
   *     of the objects that the log needs
   */
  public void requireOrThrow(LogId log) {
    var live = new HashSet<>(source.liveObjects(log));
    live.removeIf(key -> !key.startsWith(keys.logPrefix(log))); // brought along from other logs
    String startAfter = "";
    while (!live.isEmpty()) {
      var page = store.list(keys.logPrefix(log), startAfter, PAGE_OBJECTS);
      if (page.objects().stream().anyMatch(object -> live.contains(object.key()))) {
        return;
      }
      if (!page.hasMore()) {
        throw new Fault.Refused(
            Refusal.INVALID_CONFIG,
            "the object store has none of the "
                + live.size()
                + " objects that log "
                + log
                + " was offloaded to, below "
                + keys.logPrefix(log)
                + "; name the store, and the prefix, that the data folder was used with");
      }
      startAfter = page.objects().getLast().key();
    }
  }
}
