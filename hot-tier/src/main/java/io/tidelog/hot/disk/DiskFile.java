package io.tidelog.hot.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * An open file of a {@link LogDisk}. One thread at a time writes, any number read beside it. A read
 * sees what a write that happened before has written, synced or not.
 */
public interface DiskFile extends AutoCloseable {

  /** The name under which it was opened. */
  String name();

  long size() throws IOException;

  /**
   * Writes all that remains in {@code source}; borrows it and moves its position to its limit. A
   * gap before {@code position} reads as zeros. When it fails, any part may have been written.
   */
  void write(ByteBuffer source, long position) throws IOException;

  /**
   * Reads until {@code target} is full or the file ends; borrows it.
   *
   * @return bytes read, 0 at the end of the file
   */
  int read(ByteBuffer target, long position) throws IOException;

  /**
   * Makes contents and size durable, as {@code fdatasync}. After a failure what was written since
   * the last success is unknown for ever: the file must not be written again.
   */
  void sync() throws IOException;

  /** Cuts the file to {@code size} if it is longer. */
  void truncate(long size) throws IOException;

  /** Maps a range for reading, valid until {@code arena} closes; it must lie within the file. */
  MemorySegment map(long position, long size, Arena arena) throws IOException;

  /**
   * Written bytes as they are in the page cache, brought there, without a copy; to be read until
   * the file is closed. What was read from the disk once is touched without fear: a fault in a
   * mapping cannot be caught everywhere and may end the process.
   *
   * @throws IOException when the disk cannot give them or the file ends before
   */
  ByteBuffer view(long position, int size) throws IOException;

  /** The same view where it takes no waiting for the disk, else null. */
  @Nullable ByteBuffer cachedView(long position, int size);

  /** A channel for reading that lives as long as this file is open; not to be closed. */
  FileChannel channel();

  /** May be called twice. */
  @Override
  void close() throws IOException;
}
