package io.tidelog.hot.segment;

import io.tidelog.core.LogId;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.core.log.SegmentRun;
import io.tidelog.hot.disk.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A sealed segment as it is handed out to be offloaded, held until closed. */
final class OffloadSegment implements SealedSegment {

  private final LogId log;
  private final long term;
  private final Segment segment;
  private final DiskFile file;
  private final List<SegmentRun> runs;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes one hold of the segment, and the file. */
  OffloadSegment(LogId log, long term, Segment segment, DiskFile file, List<SegmentRun> runs) {
    this.log = log;
    this.term = term;
    this.segment = segment;
    this.file = file;
    this.runs = runs;
  }

  @Override
  public LogId log() {
    return log;
  }

  @Override
  public long term() {
    return term;
  }

  @Override
  public long baseLsn() {
    return segment.baseLsn();
  }

  @Override
  public long endLsn() {
    return segment.endLsn();
  }

  @Override
  public List<SegmentRun> runs() {
    return runs;
  }

  @Override
  public FileChannel channel() {
    return file.channel();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        segment.release();
      }
    }
  }
}
