package io.tidelog.cold.format;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The index of an object: which partitions' runs it holds, and where their batches lie. A view over
 * the bytes as they were read, checked once when parsed; takes no more memory than they do. Runs
 * and index entries are named by number; entries are numbered through all runs, in the order of the
 * object. Immutable; safe to read from any thread.
 */
public final class ColdFooter {

  private final ByteBuffer bytes;
  private final long position;
  private final int runCount;
  private final int entryCount;
  private final int epochCount;
  private final int entriesAt;
  private final int epochsAt;

  ColdFooter(ByteBuffer bytes, long position, int runCount, int entryCount, int epochCount) {
    this.bytes = bytes;
    this.position = position;
    this.runCount = runCount;
    this.entryCount = entryCount;
    this.epochCount = epochCount;
    this.entriesAt = ColdFormat.FOOTER_HEADER_BYTES + runCount * ColdFormat.RUN_BYTES;
    this.epochsAt = entriesAt + entryCount * ColdFormat.ENTRY_BYTES;
  }

  /**
   * Parses a footer, from the buffer's position to its limit; takes the buffer.
   *
   * @param trailer as found behind it
   * @throws Fault.Broken for anything that a writer of version 1 does not write
   */
  public static ColdFooter parse(ByteBuffer bytes, ColdTrailer trailer) {
    return ColdFooterCheck.parse(bytes.slice(), trailer);
  }

  public LogId log() {
    return new LogId(
        new UUID(bytes.getLong(ColdFormat.LOG_AT), bytes.getLong(ColdFormat.LOG_AT + 8)));
  }

  public long term() {
    return bytes.getLong(ColdFormat.TERM_AT);
  }

  public long baseLsn() {
    return bytes.getLong(ColdFormat.BASE_LSN_AT);
  }

  public long endLsn() {
    return bytes.getLong(ColdFormat.END_LSN_AT);
  }

  public int sizeBytes() {
    return bytes.limit();
  }

  /** Where the records end and the footer begins. */
  public long position() {
    return position;
  }

  public int runCount() {
    return runCount;
  }

  public int entryCount() {
    return entryCount;
  }

  /** The run that contains the offset, or else the partition's next one behind it, or −1. */
  public int findRun(PartitionId partition, long offset) {
    int low = 0;
    int high = runCount;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (isBefore(middle, partition, offset)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < runCount && comparePartition(low, partition) == 0 ? low : -1;
  }

  private boolean isBefore(int run, PartitionId partition, long offset) {
    int byPartition = comparePartition(run, partition);
    return byPartition != 0 ? byPartition < 0 : runEndOffset(run) <= offset;
  }

  int comparePartition(int run, PartitionId partition) {
    int byTopic =
        ColdFormat.compareTopics(
            bytes.getLong(runAt(run)), bytes.getLong(runAt(run) + 8), partition.topicId());
    return byTopic != 0 ? byTopic : Integer.compare(partitionIndex(run), partition.partition());
  }

  public PartitionId partition(int run) {
    int at = runAt(run) + ColdFormat.RUN_TOPIC_AT;
    return new PartitionId(new UUID(bytes.getLong(at), bytes.getLong(at + 8)), partitionIndex(run));
  }

  int partitionIndex(int run) {
    return bytes.getInt(runAt(run) + ColdFormat.RUN_PARTITION_AT);
  }

  public OffsetRange offsets(int run) {
    return new OffsetRange(runStartOffset(run), runEndOffset(run));
  }

  long runStartOffset(int run) {
    return bytes.getLong(runAt(run) + ColdFormat.RUN_START_OFFSET_AT);
  }

  long runEndOffset(int run) {
    return bytes.getLong(runAt(run) + ColdFormat.RUN_END_OFFSET_AT);
  }

  /** Of the run's first batch in the object. */
  public long runPosition(int run) {
    return bytes.getLong(runAt(run) + ColdFormat.RUN_POSITION_AT);
  }

  public long runSizeBytes(int run) {
    return bytes.getLong(runAt(run) + ColdFormat.RUN_SIZE_AT);
  }

  public long runMaxTimestampMs(int run) {
    return bytes.getLong(runAt(run) + ColdFormat.RUN_MAX_TIMESTAMP_AT);
  }

  /** The run's first index entry. */
  public int firstEntry(int run) {
    return run == runCount ? entryCount : number(runAt(run) + ColdFormat.RUN_FIRST_ENTRY_AT);
  }

  /** The entry after the run's last one. */
  public int endEntry(int run) {
    return firstEntry(run + 1);
  }

  /** The run's last entry that begins at or before the offset; its first one, if none does. */
  public int findEntry(int run, long offset) {
    int low = firstEntry(run);
    int high = endEntry(run) - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (entryOffset(middle) <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** The entry that holds the record byte at a position of the object. */
  int findEntryAt(long recordPosition) {
    int low = 0;
    int high = entryCount - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (entryPosition(middle) <= recordPosition) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Base offset of the entry's first batch. */
  public long entryOffset(int entry) {
    return bytes.getLong(entryAt(entry) + ColdFormat.ENTRY_OFFSET_AT);
  }

  /** Of the entry's first batch in the object. */
  public long entryPosition(int entry) {
    return entry == entryCount
        ? position
        : bytes.getLong(entryAt(entry) + ColdFormat.ENTRY_POSITION_AT);
  }

  public int entrySizeBytes(int entry) {
    return (int) (entryPosition(entry + 1) - entryPosition(entry));
  }

  /** Greatest of the entry's batches. */
  public long entryMaxTimestampMs(int entry) {
    return bytes.getLong(entryAt(entry) + ColdFormat.ENTRY_MAX_TIMESTAMP_AT);
  }

  /** When the leader appended the entry's last batch. */
  public long entryAppendTimeMs(int entry) {
    return bytes.getLong(entryAt(entry) + ColdFormat.ENTRY_APPEND_TIME_AT);
  }

  /** CRC-32C of the entry's batches. */
  public int entryCrc(int entry) {
    return bytes.getInt(entryAt(entry) + ColdFormat.ENTRY_CRC_AT);
  }

  /** The run's first leader epoch; epochs are numbered through all runs, as entries are. */
  public int firstEpoch(int run) {
    return run == runCount ? epochCount : number(runAt(run) + ColdFormat.RUN_FIRST_EPOCH_AT);
  }

  public int endEpoch(int run) {
    return firstEpoch(run + 1);
  }

  /** First offset of the run that was appended in this epoch. */
  public long epochStartOffset(int epoch) {
    return bytes.getLong(epochAt(epoch) + ColdFormat.EPOCH_OFFSET_AT);
  }

  public int leaderEpoch(int epoch) {
    return bytes.getInt(epochAt(epoch) + ColdFormat.EPOCH_AT);
  }

  int epochCount() {
    return epochCount;
  }

  /** What is too large for a number stays too large, so that the check sees it. */
  private int number(int at) {
    return Math.clamp(bytes.getLong(at), -1, Integer.MAX_VALUE);
  }

  private static int runAt(int run) {
    return ColdFormat.FOOTER_HEADER_BYTES + run * ColdFormat.RUN_BYTES;
  }

  private int entryAt(int entry) {
    return entriesAt + entry * ColdFormat.ENTRY_BYTES;
  }

  private int epochAt(int epoch) {
    return epochsAt + epoch * ColdFormat.EPOCH_BYTES;
  }
}
