package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.hot.disk.DiskFile;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One segment file, open for as long as someone holds it: the list of segments, a reader, or a
 * sync. A byte at LSN {@code n} is at position {@code n - baseLsn}. The lane moves the end up; the
 * rest is safe from any thread for those who hold it.
 */
public final class Segment extends Retained {

  /** Loads the index of a sealed segment. */
  @FunctionalInterface
  interface IndexSource {
    SealedIndex load(Segment segment) throws IOException;
  }

  private final long baseLsn;
  private final DiskFile file;
  private final IndexSource indexSource;
  private final Consumer<Segment> onUnused;
  private final AtomicReference<@Nullable SegmentIndex> index;
  private volatile long endLsn;
  private volatile boolean sealed;
  private volatile boolean trimmed;

  Segment(
      DiskFile file,
      SegmentSpan span,
      @Nullable SegmentIndex index,
      IndexSource indexSource,
      Consumer<Segment> onUnused) {
    this.file = file;
    this.baseLsn = span.baseLsn();
    this.endLsn = span.endLsn();
    this.index = new AtomicReference<>(index);
    this.indexSource = indexSource;
    this.onUnused = onUnused;
    this.sealed = index == null;
  }

  public long baseLsn() {
    return baseLsn;
  }

  /** End of what is written; final once sealed. */
  public long endLsn() {
    return endLsn;
  }

  public long sizeBytes() {
    return endLsn - baseLsn;
  }

  /** Whether it never changes again. */
  public boolean isSealed() {
    return sealed;
  }

  public String name() {
    return SegmentNames.of(baseLsn, SegmentNames.SEGMENT);
  }

  DiskFile file() {
    return file;
  }

  void advance(long end) {
    endLsn = end;
  }

  void seal() {
    sealed = true;
  }

  /** From now on its file may go when nobody holds it. */
  void markTrimmed() {
    trimmed = true;
  }

  boolean isTrimmed() {
    return trimmed;
  }

  /** The index if it is in memory or mapped, else null. Never blocks. */
  @Nullable SegmentIndex loadedIndex() {
    return index.get();
  }

  /**
   * The index, loaded or rebuilt when necessary. Blocking.
   *
   * @throws Fault.Broken when the segment cannot be read
   */
  SegmentIndex index() {
    var present = index.get();
    if (present != null) {
      return present;
    }
    try {
      var loaded = indexSource.load(this);
      var winner = index.compareAndExchange(null, loaded);
      if (winner == null) {
        return loaded;
      }
      loaded.close();
      return winner;
    } catch (IOException e) {
      throw new Fault.Broken("index of a segment cannot be read, segment=" + name(), e);
    }
  }

  /** The index that takes over from the active one; readers of that one keep it. */
  void replaceIndex(SealedIndex replacement) {
    index.set(replacement);
  }

  @Override
  void onReleased() {
    onUnused.accept(this);
  }

  /** Closes the file and unmaps the index. Blocking; when nobody holds it. */
  void close() throws IOException {
    if (index.getAndSet(null) instanceof SealedIndex mapped) {
      mapped.close();
    }
    file.close();
  }
}
