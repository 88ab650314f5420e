package io.tidelog.hot.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** A file that does what another one does, but for what is overridden. */
public class ForwardingFile implements DiskFile {

  private final DiskFile file;

  protected ForwardingFile(DiskFile file) {
    this.file = file;
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    file.write(source, position);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    return file.read(target, position);
  }

  @Override
  public void sync() throws IOException {
    file.sync();
  }

  @Override
  public void truncate(long size) throws IOException {
    file.truncate(size);
  }

  @Override
  public MemorySegment map(long position, long size, Arena arena) throws IOException {
    return file.map(position, size, arena);
  }

  @Override
  public ByteBuffer view(long position, int size) throws IOException {
    return file.view(position, size);
  }

  @Override
  public @Nullable ByteBuffer cachedView(long position, int size) {
    return file.cachedView(position, size);
  }

  @Override
  public FileChannel channel() {
    return file.channel();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
