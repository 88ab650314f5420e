package io.tidelog.cold.format;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** Which bytes of the segment stand where in the object, in plain arrays: 16 bytes a stretch. */
final class SourceMap {

  private static final int INITIAL_CAPACITY = 64;

  private long[] objectPositions = new long[INITIAL_CAPACITY];
  private long[] filePositions = new long[INITIAL_CAPACITY];
  private int count;
  private long endPosition;

  /** Adds the stretch that follows; one that follows in the file as well is joined to the last. */
  void add(long objectPosition, long filePosition, int sizeBytes) {
    if (count > 0
        && filePositions[count - 1] + (objectPosition - objectPositions[count - 1])
            == filePosition) {
      endPosition = objectPosition + sizeBytes;
      return;
    }
    if (count == objectPositions.length) {
      objectPositions = Arrays.copyOf(objectPositions, count * 2);
      filePositions = Arrays.copyOf(filePositions, count * 2);
    }
    objectPositions[count] = objectPosition;
    filePositions[count++] = filePosition;
    endPosition = objectPosition + sizeBytes;
  }

  /** Reads records until the buffer is full or the records end. */
  void read(FileChannel channel, long position, ByteBuffer into) throws IOException {
    long at = position;
    while (into.hasRemaining() && at < endPosition) {
      int found = Arrays.binarySearch(objectPositions, 0, count, at);
      int stretch = found >= 0 ? found : -found - 2;
      long stretchEnd = stretch + 1 < count ? objectPositions[stretch + 1] : endPosition;
      int limit = into.limit();
      into.limit((int) Math.min(limit, into.position() + (stretchEnd - at)));
      int read = channel.read(into, filePositions[stretch] + (at - objectPositions[stretch]));
      into.limit(limit);
      if (read < 0) {
        throw new EOFException("the segment ends before the object's byte " + at);
      }
      at += read;
    }
  }
}
