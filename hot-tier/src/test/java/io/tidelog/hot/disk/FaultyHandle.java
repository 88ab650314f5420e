package io.tidelog.hot.disk;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** An open file of a {@link FaultyLogDisk}. */
final class FaultyHandle implements DiskFile {

  private final String name;
  private final FaultyFile file;
  private boolean closed;

  FaultyHandle(String name, FaultyFile file) {
    this.name = name;
    this.file = file;
  }

  private FaultyFile open() throws IOException {
    if (closed) {
      throw new IOException("closed: " + name);
    }
    return file;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() throws IOException {
    return open().length;
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    open().write(source, position);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    return open().read(target, position);
  }

  @Override
  public void sync() throws IOException {
    open().sync();
  }

  @Override
  public void truncate(long size) throws IOException {
    open().truncate(size);
  }

  @Override
  public MemorySegment map(long position, long size, Arena arena) throws IOException {
    var copy = arena.allocate(size);
    open().read(copy.asByteBuffer(), position);
    return copy;
  }

  @Override
  public ByteBuffer view(long position, int size) throws IOException {
    var copy = ByteBuffer.allocate(size);
    if (open().read(copy, position) < size) {
      throw new EOFException(name() + " ends before " + (position + size));
    }
    return copy.flip();
  }

  @Override
  public @Nullable ByteBuffer cachedView(long position, int size) {
    try {
      return view(position, size);
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public FileChannel channel() {
    return new ReadOnlyMemoryChannel(this);
  }

  @Override
  public void close() {
    closed = true;
  }
}
