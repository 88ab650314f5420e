package io.tidelog.metadata.store.embedded;

import io.tidelog.core.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A real folder, locked so that no second process opens it. */
final class LockedFolder implements StoreDirectory {

  private static final String LOCK_NAME = "lock";

  private final Path folder;
  private final FileChannel lock;

  private LockedFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Creates the folder if needed and locks it.
   *
   * @throws Fault.Broken when another process, or another store in this one, holds it
   */
  static LockedFolder open(Path folder) throws IOException {
    createDurably(folder.toAbsolutePath());
    var channel =
        FileChannel.open(
            folder.resolve(LOCK_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean held = false;
    try {
      held = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      throw new Fault.Broken("metadata folder " + folder + " is open in this process already", e);
    } finally {
      if (!held) {
        channel.close();
      }
    }
    if (!held) {
      throw new Fault.Broken("metadata folder " + folder + " is in use by another process");
    }
    return new LockedFolder(folder, channel);
  }

  /** Each new name is synced in its parent: a log that was forced is nothing in a lost folder. */
  private static void createDurably(Path folder) throws IOException {
    var parent = folder.getParent();
    if (Files.isDirectory(folder) || parent == null) {
      return;
    }
    createDurably(parent);
    Files.createDirectory(folder);
    sync(parent);
  }

  private static void sync(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(LOCK_NAME))
          .sorted()
          .toList();
    }
  }

  @Override
  public byte[] read(String name) throws IOException {
    return Files.readAllBytes(folder.resolve(name));
  }

  @Override
  public AppendFile append(String name, long sizeBytes) throws IOException {
    var channel =
        FileChannel.open(folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    channel.truncate(sizeBytes);
    channel.position(sizeBytes);
    return new ChannelFile(channel);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(folder.resolve(name));
  }

  @Override
  public void force() throws IOException {
    sync(folder);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }

  private record ChannelFile(FileChannel channel) implements AppendFile {

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    @Override
    public void cut(long sizeBytes) throws IOException {
      channel.truncate(sizeBytes);
      channel.position(sizeBytes);
      channel.force(false);
    }

    @Override
    public void force() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
