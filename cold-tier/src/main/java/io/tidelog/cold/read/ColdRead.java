package io.tidelog.cold.read;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One read by offset: whole batches from the wanted one on, across chunks, runs and objects. */
final class ColdRead extends ColdSteps {

  /** Chunks that one read keeps from being used again; beyond it the next read goes on. */
  private static final int MAX_HELD_BYTES = 32 << 20;

  /** A part smaller than this share of its chunk is copied rather than hold the chunk. */
  private static final int MIN_SHARE = 16;

  private final ReadRequest request;
  private final PartitionSnapshot at;
  private final List<ColdReference> references;
  private final ColdCache cache;
  private final ReadAhead readAhead;
  private final long endOffset;

  // Where the read stands
  private int reference;
  private long nextOffset;
  private @Nullable CompletableFuture<IndexedObject> index;
  private @Nullable CompletableFuture<Chunk> chunk;
  private boolean isDone;

  // What it has so far
  private final List<RecordBytes.Part> parts = new ArrayList<>();
  private final List<Chunk> held = new ArrayList<>();
  private int sizeBytes;
  private long heldBytes;

  ColdRead(
      ReadRequest request,
      PartitionSnapshot at,
      List<ColdReference> references,
      ColdCache cache,
      ReadAhead readAhead,
      ReadCompletion completion) {
    super(completion);
    this.request = request;
    this.at = at;
    this.references = references;
    this.cache = cache;
    this.readAhead = readAhead;
    this.nextOffset = request.fetchOffset();
    this.endOffset =
        switch (request.upTo()) {
          case VISIBLE_END -> at.visibleEndOffset();
          case HIGH_WATERMARK -> at.highWatermark();
        };
  }

  @Override
  @Nullable ReadResult result() {
    if (!isDone) {
      return null;
    }
    if (parts.isEmpty()) {
      letGo();
      return new ReadResult.Records(at, RecordBytes.EMPTY);
    }
    return new ReadResult.Records(at, new ChunkRecords(parts, sizeBytes, held));
  }

  @Override
  @Nullable CompletableFuture<?> step() {
    while (reference < references.size()
        && references.get(reference).offsets().end() <= nextOffset) {
      reference++;
      index = null;
    }
    if (nextOffset >= endOffset || reference == references.size()) {
      return end();
    }
    var wanted = references.get(reference);
    if (wanted.offsets().start() > nextOffset) {
      return end();
    }
    var loading = index;
    if (loading == null) {
      loading = cache.index(wanted.object());
      index = loading;
    }
    return loading.isDone() ? readIn(loadedOrNull(loading), wanted) : loading;
  }

  private @Nullable CompletableFuture<?> end() {
    if (parts.isEmpty() && nextOffset == request.fetchOffset() && nextOffset < endOffset) {
      throw new Fault.Retriable("offset " + nextOffset + " is in none of the cold references");
    }
    isDone = true;
    return null;
  }

  /** What was read so far is worth more than the fault that ends it. */
  private <T> @Nullable T loadedOrNull(CompletableFuture<T> loading) {
    if (!parts.isEmpty() && loading.isCompletedExceptionally()) {
      return null;
    }
    return loading.join();
  }

  private @Nullable CompletableFuture<?> readIn(
      @Nullable IndexedObject object, ColdReference wanted) {
    if (object == null) {
      isDone = true;
      return null;
    }
    var footer = object.footer();
    int run = footer.findRun(wanted.partition(), nextOffset);
    if (run < 0 || footer.offsets(run).start() >= wanted.offsets().end()) {
      throw new Fault.Broken(
          "object "
              + wanted.object().key()
              + " has no run of "
              + wanted.partition()
              + " at offset "
              + nextOffset);
    }
    int entry = footer.findEntry(run, nextOffset);
    int number = object.chunkOf(entry);
    var loading = chunk;
    if (loading == null) {
      loading = cache.chunk(object, number);
      chunk = loading;
      readAhead.after(references, reference, object, run, number);
    }
    if (!loading.isDone()) {
      return loading;
    }
    chunk = null;
    var loaded = loadedOrNull(loading);
    if (loaded == null) {
      isDone = true;
    } else {
      held.add(loaded);
      takeBatches(object, run, entry, loaded);
      isDone = isDone || heldBytes >= MAX_HELD_BYTES;
    }
    return null;
  }

  private void takeBatches(IndexedObject object, int run, int entry, Chunk loaded) {
    var footer = object.footer();
    long position = footer.entryPosition(entry);
    long end =
        Math.min(
            object.endPosition(object.chunkOf(entry)),
            footer.runPosition(run) + footer.runSizeBytes(run));
    long referenceEnd = references.get(reference).offsets().end();
    var batches = new BatchWalk(loaded.slice(position, end), object.object().key());
    int from = 0;
    int sizeBefore = sizeBytes;
    while (batches.hasNext()) {
      var batch = batches.next();
      if (batch.endOffset() <= nextOffset) {
        from = batches.position();
      } else if (batch.baseOffset() >= referenceEnd) {
        break;
      } else if (fits(batch)) {
        sizeBytes += batch.sizeBytes();
        nextOffset = batch.endOffset();
      } else {
        isDone = true;
        break;
      }
    }
    int size = sizeBytes - sizeBefore;
    if (size > 0) {
      addPart(loaded, loaded.slice(position + from, position + from + size));
    } else if (!isDone) {
      throw new Fault.Broken(
          "object " + object.object().key() + " has no batch with offset " + nextOffset);
    }
  }

  private void addPart(Chunk loaded, ByteBuffer part) {
    if ((long) part.remaining() * MIN_SHARE >= loaded.weightBytes()) {
      heldBytes += loaded.weightBytes();
      parts.add(new RecordBytes.MemoryPart(part));
    } else {
      parts.add(new RecordBytes.MemoryPart(ByteBuffer.allocate(part.remaining()).put(part).flip()));
      held.removeLast();
      loaded.release();
    }
  }

  private boolean fits(BatchHeader batch) {
    if (batch.endOffset() > endOffset) {
      return false;
    }
    boolean isFirst = sizeBytes == 0;
    return (isFirst && request.atLeastOneBatch())
        || batch.sizeBytes() <= request.maxBytes() - sizeBytes;
  }

  @Override
  void letGo() {
    held.forEach(Chunk::release);
    held.clear();
  }
}
