package io.tidelog.cold.read;

import io.tidelog.cold.format.ColdFooter;
import io.tidelog.core.log.ColdObject;
import java.util.Arrays;

/**
 * An object with its footer, cut into chunks: as many whole index entries, in the order of the
 * object and across runs, as fit the chunk size; one entry alone if it is larger. Immutable.
 */
final class IndexedObject {

  private static final int OVERHEAD_BYTES = 256;

  private final ColdObject object;
  private final ColdFooter footer;
  private final int[] firstEntries;

  IndexedObject(ColdObject object, ColdFooter footer, int chunkBytes) {
    this.object = object;
    this.footer = footer;
    this.firstEntries = cut(footer, chunkBytes);
  }

  private static int[] cut(ColdFooter footer, int chunkBytes) {
    var first = new int[16];
    int chunks = 0;
    long chunkPosition = 0;
    for (int entry = 0; entry < footer.entryCount(); entry++) {
      if (entry == 0 || footer.entryPosition(entry + 1) - chunkPosition > chunkBytes) {
        if (chunks == first.length) {
          first = Arrays.copyOf(first, chunks * 2);
        }
        first[chunks++] = entry;
        chunkPosition = footer.entryPosition(entry);
      }
    }
    return Arrays.copyOf(first, chunks);
  }

  ColdObject object() {
    return object;
  }

  ColdFooter footer() {
    return footer;
  }

  int chunkCount() {
    return firstEntries.length;
  }

  int chunkOf(int entry) {
    int found = Arrays.binarySearch(firstEntries, entry);
    return found >= 0 ? found : -found - 2;
  }

  int firstEntry(int chunk) {
    return firstEntries[chunk];
  }

  int endEntry(int chunk) {
    return chunk + 1 < firstEntries.length ? firstEntries[chunk + 1] : footer.entryCount();
  }

  long position(int chunk) {
    return footer.entryPosition(firstEntry(chunk));
  }

  long endPosition(int chunk) {
    return footer.entryPosition(endEntry(chunk));
  }

  int weightBytes() {
    return OVERHEAD_BYTES + footer.sizeBytes() + firstEntries.length * Integer.BYTES;
  }
}
