package io.tidelog.cold.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/**
 * The records of an object as they are read again from the segment to be uploaded. Gives out no
 * byte of an index entry before the whole entry was found to match its checksum: what a disk reads
 * differently the second time is not uploaded. For one thread at a time.
 */
final class CheckedRecords {

  private static final int NONE = -1;
  private static final int MIN_WINDOW_BYTES = 128 * 1024;

  private final FileChannel channel;
  private final SourceMap sources;
  private final ColdFooter footer;
  private final CRC32C crc = new CRC32C();
  private ByteBuffer window = ByteBuffer.allocate(0);
  private int entry = NONE;

  CheckedRecords(FileChannel channel, SourceMap sources, ColdFooter footer) {
    this.channel = channel;
    this.sources = sources;
    this.footer = footer;
  }

  /**
   * Reads records until the buffer is full or the records end.
   *
   * @param position in the object, of a record's byte
   * @throws IOException when the segment cannot be read or has changed
   */
  void read(long position, ByteBuffer into) throws IOException {
    long at = position;
    while (into.hasRemaining() && at < footer.position()) {
      open(footer.findEntryAt(at));
      int from = (int) (at - footer.entryPosition(entry));
      int bytes = Math.min(into.remaining(), window.limit() - from);
      into.put(window.slice(from, bytes));
      at += bytes;
    }
  }

  private void open(int wanted) throws IOException {
    if (wanted == entry) {
      return;
    }
    entry = NONE;
    int size = footer.entrySizeBytes(wanted);
    if (window.capacity() < size) {
      window = ByteBuffer.allocateDirect(Math.max(size, MIN_WINDOW_BYTES));
    }
    window.clear().limit(size);
    sources.read(channel, footer.entryPosition(wanted), window);
    window.flip();
    crc.reset();
    crc.update(window.duplicate());
    if (window.limit() != size || (int) crc.getValue() != footer.entryCrc(wanted)) {
      throw new IOException("the segment has changed since it was laid out");
    }
    entry = wanted;
  }
}
