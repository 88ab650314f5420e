package io.tidelog.simulation.log;

import io.tidelog.hot.disk.DiskFile;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A disk on which one kind of sync is left out, or something else is written.
 *
 * @param isSkipped files, by name, whose syncs do nothing
 */
public record MutantDisk(
    LogDisk disk, Predicate<String> isSkipped, boolean skipsDirectory, Rewrite rewrite)
    implements LogDisk {

  /** What is written instead. */
  public interface Rewrite {
    ByteBuffer apply(String file, ByteBuffer bytes);
  }

  static MutantDisk of(LogDisk disk, Mutant mutant) {
    return new MutantDisk(
        disk,
        name ->
            mutant == Mutant.SKIP_FILE_SYNC
                || (mutant == Mutant.SKIP_CHECKPOINT_SYNC && name.contains(".ckpt")),
        mutant == Mutant.SKIP_DIRECTORY_SYNC,
        (file, bytes) -> bytes);
  }

  private boolean skips(String name) {
    return isSkipped.test(name);
  }

  @Override
  public List<String> list() throws IOException {
    return disk.list();
  }

  @Override
  public DiskFile open(String name) throws IOException {
    return new MutantFile(disk.open(name), skips(name), rewrite);
  }

  @Override
  public DiskFile create(String name) throws IOException {
    return new MutantFile(disk.create(name), skips(name), rewrite);
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
    if (!skipsDirectory) {
      disk.syncDirectory();
    }
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

  private record MutantFile(DiskFile file, boolean skips, Rewrite rewrite) implements DiskFile {

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public String name() {
      return file.name();
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      file.write(rewrite.apply(file.name(), source), position);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void sync() throws IOException {
      if (!skips) {
        file.sync();
      }
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
}
