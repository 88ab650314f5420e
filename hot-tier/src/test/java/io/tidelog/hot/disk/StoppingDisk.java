package io.tidelog.hot.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk whose process dies after so many changes: the next one fails, and so do all after it. */
public final class StoppingDisk extends ForwardingDisk {

  private int changesLeft;

  public StoppingDisk(LogDisk disk, int changes) {
    super(disk);
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
  protected DiskFile wrap(DiskFile file) {
    return new StoppingFile(file);
  }

  @Override
  public DiskFile create(String name) throws IOException {
    change();
    return super.create(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    change();
    super.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    change();
    super.delete(name);
  }

  @Override
  public void syncDirectory() throws IOException {
    change();
    super.syncDirectory();
  }

  private final class StoppingFile extends ForwardingFile {

    StoppingFile(DiskFile file) {
      super(file);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      change();
      super.write(source, position);
    }

    @Override
    public void sync() throws IOException {
      change();
      super.sync();
    }

    @Override
    public void truncate(long size) throws IOException {
      change();
      super.truncate(size);
    }
  }
}
