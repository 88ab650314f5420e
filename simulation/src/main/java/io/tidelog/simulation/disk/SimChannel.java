package io.tidelog.simulation.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Positional reads of a simulated file; nothing else is asked of it. */
final class SimChannel extends FileChannel {

  private final SimOpenFile file;

  SimChannel(SimOpenFile file) {
    this.file = file;
  }

  @Override
  public int read(ByteBuffer target, long position) {
    int count = file.copy(target, position);
    return count == 0 && target.hasRemaining() ? -1 : count;
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    var bytes = ByteBuffer.allocate(Math.toIntExact(count));
    file.copy(bytes, position);
    return target.write(bytes.flip());
  }

  @Override
  public int read(ByteBuffer target) {
    throw positionalOnly();
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) {
    throw positionalOnly();
  }

  @Override
  public int write(ByteBuffer source) {
    throw new NonWritableChannelException();
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) {
    throw new NonWritableChannelException();
  }

  @Override
  public int write(ByteBuffer source, long position) {
    throw new NonWritableChannelException();
  }

  @Override
  public long position() {
    throw positionalOnly();
  }

  @Override
  public FileChannel position(long newPosition) {
    throw positionalOnly();
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public FileChannel truncate(long size) {
    throw new NonWritableChannelException();
  }

  @Override
  public void force(boolean metaData) {
    throw new NonWritableChannelException();
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count) {
    throw new NonWritableChannelException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw positionalOnly();
  }

  @Override
  public MemorySegment map(MapMode mode, long position, long size, Arena arena) throws IOException {
    var copy = arena.allocate(size);
    read(copy.asByteBuffer(), position);
    return copy;
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) {
    throw positionalOnly();
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) {
    throw positionalOnly();
  }

  @Override
  protected void implCloseChannel() {}

  private static IllegalStateException positionalOnly() {
    return new IllegalStateException("a simulated channel only reads at positions");
  }
}
