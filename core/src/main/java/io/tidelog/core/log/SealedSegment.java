package io.tidelog.core.log;

import io.tidelog.core.LogId;
import java.nio.channels.FileChannel;
import java.util.List;

/** A segment that never changes again, open for reading until closed. */
public interface SealedSegment extends AutoCloseable {

  LogId log();

  long term();

  long baseLsn();

  long endLsn();

  /**
   * What is in it and still wanted, sorted by topic id, partition and offset. Runs of partitions
   * closed since are left out.
   */
  List<SegmentRun> runs();

  /** Its own channel: an interrupt that closes it harms nobody else. */
  FileChannel channel();

  @Override
  void close();
}
