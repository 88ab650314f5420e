package io.tidelog.simulation.log;

import io.tidelog.hot.disk.DiskFile;
import io.tidelog.hot.disk.ForwardingDisk;
import io.tidelog.hot.disk.ForwardingFile;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Predicate;

/** A disk on which one kind of sync is left out, or something else is written. */
public final class MutantDisk extends ForwardingDisk {

  private final Predicate<String> isSkipped;
  private final boolean skipsDirectory;
  private final Rewrite rewrite;

  /** What is written instead. */
  public interface Rewrite {
    ByteBuffer apply(String file, ByteBuffer bytes);
  }

  /**
   * @param isSkipped files, by name, whose syncs do nothing
   */
  public MutantDisk(
      LogDisk disk, Predicate<String> isSkipped, boolean skipsDirectory, Rewrite rewrite) {
    super(disk);
    this.isSkipped = isSkipped;
    this.skipsDirectory = skipsDirectory;
    this.rewrite = rewrite;
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

  @Override
  protected DiskFile wrap(DiskFile file) {
    return new MutantFile(file);
  }

  @Override
  public void syncDirectory() throws IOException {
    if (!skipsDirectory) {
      super.syncDirectory();
    }
  }

  private final class MutantFile extends ForwardingFile {

    MutantFile(DiskFile file) {
      super(file);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      super.write(rewrite.apply(name(), source), position);
    }

    @Override
    public void sync() throws IOException {
      if (!isSkipped.test(name())) {
        super.sync();
      }
    }
  }
}
