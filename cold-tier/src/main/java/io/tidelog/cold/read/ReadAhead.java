package io.tidelog.cold.read;

import io.tidelog.core.log.ColdReference;
import java.util.List;

/**
 * Loads what a sequential reader will ask for next, across objects, as far as its limits and the
 * room in the budget allow. Nobody waits for it, and its failures are nobody's.
 */
final class ReadAhead {

  private final ColdCache cache;
  private final long maxBytes;
  private final int maxObjects;

  ReadAhead(ColdCache cache, ColdReadConfig config) {
    this.cache = cache;
    this.maxBytes = config.readAheadBytes();
    this.maxObjects = config.readAheadObjects();
  }

  /** Loads on after a chunk of a run that lies in one of the references. */
  void after(
      List<ColdReference> references, int reference, IndexedObject object, int run, int chunk) {
    if (maxBytes > 0) {
      long left = loadRun(object, run, chunk + 1, maxBytes);
      loadReferences(references, reference + 1, left, maxObjects);
    }
  }

  private long loadRun(IndexedObject object, int run, int fromChunk, long bytes) {
    long left = bytes;
    int lastChunk = object.chunkOf(object.footer().endEntry(run) - 1);
    for (int chunk = fromChunk; chunk <= lastChunk && left > 0; chunk++) {
      if (!cache.readAhead(object, chunk)) {
        return 0;
      }
      left -= object.endPosition(chunk) - object.position(chunk);
    }
    return left;
  }

  private void loadReferences(
      List<ColdReference> references, int reference, long bytes, int objects) {
    if (bytes <= 0 || objects <= 0 || reference >= references.size()) {
      return;
    }
    var next = references.get(reference);
    if (!cache.mayReadAhead(next.object())) {
      return;
    }
    var _ =
        cache
            .index(next.object())
            .thenAccept(
                object -> {
                  var footer = object.footer();
                  int run = footer.findRun(next.partition(), next.offsets().start());
                  if (run >= 0) {
                    int entry = footer.findEntry(run, next.offsets().start());
                    long left = loadRun(object, run, object.chunkOf(entry), bytes);
                    loadReferences(references, reference + 1, left, objects - 1);
                  }
                });
  }
}
