package io.tidelog.hot.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A disk whose process dies after so many changes: the next one fails, and so do all after it. */
public final class StoppingDisk implements LogDisk {

  private final LogDisk disk;
  private int changesLeft;

  public StoppingDisk(LogDisk disk, int changes) {
    this.disk = disk;
    this.changesLeft = changes;
  }

  /** Whether every change was made that was asked for. */
  public boolean isAlive() {
    return changesLeft >= 0;
  }

  private void change() throws IOException {
    if (--changesLeft < 0) {
      throw new IOException("the process has died");
    }
  }

  @Override
  public List<String> list() throws IOException {
    return disk.list();
  }

  @Override
  public DiskFile open(String name) throws IOException {
    return new StoppingFile(disk.open(name));
  }

  @Override
  public DiskFile create(String name) throws IOException {
    change();
    return new StoppingFile(disk.create(name));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    change();
    disk.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    change();
    disk.delete(name);
  }

  @Override
  public void syncDirectory() throws IOException {
    change();
    disk.syncDirectory();
  }

  @Override
  public long usableBytes() throws IOException {
    return disk.usableBytes();
  }

  @Override
  public String describe() {
    return disk.describe();
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }

  private final class StoppingFile implements DiskFile {
    private final DiskFile file;

    StoppingFile(DiskFile file) {
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
      change();
      file.write(source, position);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void sync() throws IOException {
      change();
      file.sync();
    }

    @Override
    public void truncate(long size) throws IOException {
      change();
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
}
