package io.tidelog.cold.read;

import io.tidelog.cold.format.ColdFooter;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.core.log.TimeRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One search by time: the first visible batch with a record at or after it. Runs and index entries
 * without one are passed over by their greatest timestamp; timestamps need not be in order.
 */
final class ColdTimeSearch extends ColdSteps {

  private final long timestampMs;
  private final PartitionSnapshot at;
  private final List<ColdReference> references;
  private final ColdCache cache;

  private int reference;
  private long nextOffset;
  private @Nullable CompletableFuture<IndexedObject> index;
  private @Nullable CompletableFuture<Chunk> chunk;
  private @Nullable Chunk held;
  private @Nullable ReadResult result;

  ColdTimeSearch(
      TimeRequest request,
      PartitionSnapshot at,
      List<ColdReference> references,
      ColdCache cache,
      ReadCompletion completion) {
    super(completion);
    this.timestampMs = request.timestampMs();
    this.at = at;
    this.references = references;
    this.cache = cache;
    this.nextOffset = Math.max(request.fromOffset(), at.logStartOffset());
  }

  @Override
  @Nullable ReadResult result() {
    return result;
  }

  @Override
  @Nullable CompletableFuture<?> step() {
    if (reference == references.size() || nextOffset >= at.visibleEndOffset()) {
      result = new ReadResult.Records(at, RecordBytes.EMPTY);
      return null;
    }
    var wanted = references.get(reference);
    nextOffset = Math.max(nextOffset, wanted.offsets().start());
    var loading = index;
    if (loading == null) {
      loading = cache.index(wanted.object());
      index = loading;
    }
    return loading.isDone() ? searchIn(loading.join(), wanted) : loading;
  }

  private @Nullable CompletableFuture<?> searchIn(IndexedObject object, ColdReference wanted) {
    var footer = object.footer();
    int run = footer.findRun(wanted.partition(), nextOffset);
    if (run < 0 || footer.offsets(run).start() >= wanted.offsets().end()) {
      reference++;
      index = null;
      return null;
    }
    int entry = findEntry(footer, run);
    if (entry == footer.endEntry(run)) {
      nextOffset = footer.offsets(run).end();
      return null;
    }
    var loading = chunk;
    if (loading == null) {
      loading = cache.chunk(object, object.chunkOf(entry));
      chunk = loading;
    }
    if (!loading.isDone()) {
      return loading;
    }
    chunk = null;
    var loaded = loading.join();
    held = loaded;
    search(object, run, entry, loaded);
    return null;
  }

  /** The run's first entry from the next offset on that may hold such a record, or its end. */
  private int findEntry(ColdFooter footer, int run) {
    int end = footer.endEntry(run);
    if (footer.runMaxTimestampMs(run) < timestampMs) {
      return end;
    }
    int entry = footer.findEntry(run, nextOffset);
    while (entry < end && footer.entryMaxTimestampMs(entry) < timestampMs) {
      entry++;
    }
    return entry;
  }

  private void search(IndexedObject object, int run, int entry, Chunk loaded) {
    var footer = object.footer();
    long position = footer.entryPosition(entry);
    var batches =
        new BatchWalk(
            loaded.slice(position, position + footer.entrySizeBytes(entry)), object.object().key());
    int from = 0;
    while (batches.hasNext()) {
      var batch = batches.next();
      if (batch.endOffset() > nextOffset && batch.maxTimestampMs() >= timestampMs) {
        found(loaded, position + from, position + batches.position(), batch.endOffset());
        return;
      }
      from = batches.position();
    }
    letGo();
    nextOffset =
        entry + 1 < footer.endEntry(run)
            ? Math.max(nextOffset, footer.entryOffset(entry + 1))
            : footer.offsets(run).end();
  }

  private void found(Chunk loaded, long from, long end, long endOffset) {
    if (endOffset > at.visibleEndOffset()) {
      letGo();
      result = new ReadResult.Records(at, RecordBytes.EMPTY);
      return;
    }
    var part = new RecordBytes.MemoryPart(loaded.slice(from, end));
    held = null;
    result =
        new ReadResult.Records(
            at, new ChunkRecords(List.of(part), part.sizeBytes(), List.of(loaded)));
  }

  @Override
  void letGo() {
    var last = held;
    held = null;
    if (last != null) {
      last.release();
    }
  }
}
