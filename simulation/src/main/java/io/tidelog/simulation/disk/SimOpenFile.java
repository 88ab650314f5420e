package io.tidelog.simulation.disk;

import io.tidelog.hot.disk.DiskFile;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** A file open in one life of the process; dead after a crash, so that no ghost writes on. */
final class SimOpenFile implements DiskFile {

  private final SimDisk disk;
  private final String name;
  private final SimFile file;
  private final int incarnation;
  private boolean isClosed;

  SimOpenFile(SimDisk disk, String name, SimFile file) {
    this.disk = disk;
    this.name = name;
    this.file = file;
    this.incarnation = disk.incarnation();
    disk.onOpened();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() throws IOException {
    checkAlive();
    return file.seen().length;
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    checkAlive();
    var bytes = new byte[source.remaining()];
    source.get(bytes);
    disk.write(file, position, bytes);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    checkAlive();
    return copy(target, position);
  }

  int copy(ByteBuffer target, long position) {
    byte[] contents = file.seen();
    int count = (int) Math.max(0, Math.min(target.remaining(), contents.length - position));
    if (count > 0) {
      target.put(contents, (int) position, count);
    }
    return count;
  }

  @Override
  public void sync() throws IOException {
    checkAlive();
    disk.sync(file);
  }

  @Override
  public void truncate(long size) throws IOException {
    checkAlive();
    file.truncate(size);
  }

  @Override
  public MemorySegment map(long position, long size, Arena arena) throws IOException {
    checkAlive();
    var copy = arena.allocate(size, Long.BYTES);
    copy(copy.asByteBuffer(), position);
    return copy;
  }

  @Override
  public ByteBuffer view(long position, int size) throws IOException {
    var copy = ByteBuffer.allocate(size);
    if (read(copy, position) < size) {
      throw new EOFException(name + " ends before " + (position + size));
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
    return new SimChannel(this);
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      disk.onClosed(incarnation);
    }
  }

  private void checkAlive() throws IOException {
    if (incarnation != disk.incarnation()) {
      throw new IOException("the process that opened " + name + " is dead");
    }
  }
}
