package io.tidelog.cold.read;

import io.tidelog.cold.format.ColdFooter;
import io.tidelog.cold.format.ColdFormat;
import io.tidelog.cold.format.ColdTrailer;
import io.tidelog.cold.store.ObjectStore;
import io.tidelog.core.Fault;
import io.tidelog.core.log.ColdObject;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Loads footers and chunks and checks every byte of them. What does not match is loaded once more,
 * since a bit may have flipped on the way; then it is damage. Blocks; safe to call from any thread
 * that may.
 */
final class ObjectLoader {

  private final ObjectStore store;
  private final ChunkMemory memory;
  private final ReadCounters counters;
  private final LoadFailureLog failures;
  private final int chunkBytes;

  ObjectLoader(
      ObjectStore store,
      ChunkMemory memory,
      ReadCounters counters,
      LoadFailureLog failures,
      int chunkBytes) {
    this.store = store;
    this.memory = memory;
    this.counters = counters;
    this.failures = failures;
    this.chunkBytes = chunkBytes;
  }

  /**
   * @throws Fault.Retriable when the object is gone
   * @throws Fault.Broken when it is not the object that was committed
   */
  IndexedObject loadIndex(ColdObject object) {
    try {
      return loadIndexOnce(object);
    } catch (Fault.Broken e) {
      counters.onDamaged();
      return loadIndexOnce(object);
    }
  }

  private IndexedObject loadIndexOnce(ColdObject object) {
    int footerBytes = object.footerSizeBytes();
    long footerPosition = object.sizeBytes() - ColdFormat.TRAILER_BYTES - footerBytes;
    if (footerBytes < 0 || footerBytes > ColdFormat.MAX_FOOTER_BYTES || footerPosition < 0) {
      throw new Fault.Broken("impossible cold object " + object);
    }
    var bytes = ByteBuffer.allocate(footerBytes + ColdFormat.TRAILER_BYTES);
    get(object.key(), footerPosition, bytes);
    var trailer = ColdTrailer.parse(bytes, footerBytes, object.sizeBytes());
    if (trailer.footerSizeBytes() != footerBytes || trailer.footerCrc() != object.footerCrc()) {
      throw new Fault.Broken("object " + object.key() + " is not the one that was committed");
    }
    var footer = ColdFooter.parse(bytes.flip().limit(footerBytes), trailer);
    if (!footer.log().equals(object.log())
        || footer.baseLsn() != object.baseLsn()
        || footer.endLsn() != object.endLsn()) {
      throw new Fault.Broken("object " + object.key() + " is of another log or segment");
    }
    return new IndexedObject(object, footer, chunkBytes);
  }

  /** As {@link #loadIndex}; the chunk is held once, for the caller. */
  Chunk loadChunk(IndexedObject index, int chunk) {
    long position = index.position(chunk);
    var bytes = memory.take(Math.toIntExact(index.endPosition(chunk) - position));
    try {
      if (!loadAndCheck(index, chunk, bytes)) {
        counters.onDamaged();
        if (!loadAndCheck(index, chunk, bytes)) {
          throw new Fault.Broken(
              "object " + index.object().key() + " is damaged in its chunk at " + position);
        }
      }
    } catch (Throwable failure) { // rethrown: the memory must not be lost
      memory.giveBack(bytes);
      throw failure;
    }
    counters.onChunkLoaded();
    return new Chunk(position, bytes, memory);
  }

  private boolean loadAndCheck(IndexedObject index, int chunk, ByteBuffer bytes) {
    bytes.rewind();
    get(index.object().key(), index.position(chunk), bytes);
    bytes.rewind();
    var footer = index.footer();
    var crc = new CRC32C();
    int at = 0;
    for (int entry = index.firstEntry(chunk); entry < index.endEntry(chunk); entry++) {
      int size = footer.entrySizeBytes(entry);
      crc.reset();
      crc.update(bytes.slice(at, size));
      if ((int) crc.getValue() != footer.entryCrc(entry)) {
        return false;
      }
      at += size;
    }
    return true;
  }

  private void get(String key, long position, ByteBuffer into) {
    int size = into.remaining();
    try {
      if (!store.get(key, position, into)) {
        throw new Fault.Retriable("object " + key + " is gone");
      }
    } catch (Fault e) {
      counters.onFailed();
      failures.onFailed(key, e);
      throw e;
    }
    counters.onLoaded(size);
  }
}
