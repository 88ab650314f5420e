package io.tidelog.hot.disk;

import java.io.IOException;
import java.util.List;

/** A disk that does what another one does, but for what is overridden. */
public abstract class ForwardingDisk implements LogDisk {

  private final LogDisk disk;

  protected ForwardingDisk(LogDisk disk) {
    this.disk = disk;
  }

  /** Every file that is opened or created passes here. */
  protected abstract DiskFile wrap(DiskFile file);

  @Override
  public List<String> list() throws IOException {
    return disk.list();
  }

  @Override
  public DiskFile open(String name) throws IOException {
    return wrap(disk.open(name));
  }

  @Override
  public DiskFile create(String name) throws IOException {
    return wrap(disk.create(name));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    disk.delete(name);
  }

  @Override
  public void syncDirectory() throws IOException {
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
}
