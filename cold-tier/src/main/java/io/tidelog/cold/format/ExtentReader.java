package io.tidelog.cold.format;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;

/** Reads one stretch of a file after the other through a window of fixed size. */
final class ExtentReader {

  private static final int WINDOW_BYTES = 256 * 1024;

  private final FileChannel channel;
  private final ByteBuffer window = ByteBuffer.allocateDirect(WINDOW_BYTES).flip();
  private long filePosition;
  private long unread;

  ExtentReader(FileChannel channel) {
    this.channel = channel;
  }

  void open(long position, int sizeBytes) {
    filePosition = position;
    unread = sizeBytes;
    window.position(0).limit(0);
  }

  /** Bytes of the stretch not consumed yet. */
  long remaining() {
    return unread + window.remaining();
  }

  /** The next bytes, at least so many, from the buffer's position; lent until the next call. */
  ByteBuffer window(int minBytes) throws IOException {
    while (window.remaining() < minBytes) {
      fill();
    }
    return window;
  }

  /** Passes the next bytes to one or two checksums. */
  void consume(int bytes, Checksum first, @Nullable Checksum second) throws IOException {
    int left = bytes;
    while (left > 0) {
      if (!window.hasRemaining()) {
        fill();
      }
      int now = Math.min(left, window.remaining());
      var slice = window.slice(window.position(), now);
      first.update(slice);
      if (second != null) {
        second.update(slice.rewind());
      }
      window.position(window.position() + now);
      left -= now;
    }
  }

  private void fill() throws IOException {
    window.compact();
    window.limit((int) Math.min(window.capacity(), window.position() + unread));
    int read = channel.read(window, filePosition);
    window.flip();
    if (read <= 0) {
      throw new EOFException("the segment ends at " + filePosition);
    }
    filePosition += read;
    unread -= read;
  }
}
