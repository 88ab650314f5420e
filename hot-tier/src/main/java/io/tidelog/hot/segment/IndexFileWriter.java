package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.hot.disk.DiskFile;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * Writes the index of a sealed segment as its {@code .idx} file, under a temporary name first. Used
 * by one thread, once.
 */
final class IndexFileWriter {

  private static final int BUFFER_BYTES = 1 << 20;

  /** Two threads may rebuild one index at once; each writes a file of its own. */
  private static final AtomicLong NEXT_TEMP = new AtomicLong();

  private final LogDisk disk;
  private final LogId log;
  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private final CRC32C bodyCrc = new CRC32C();
  private long written = IndexFormat.HEADER_BYTES;

  IndexFileWriter(LogDisk disk, LogId log) {
    this.disk = disk;
    this.log = log;
  }

  /** Blocking. The index must not change any more. */
  void write(long baseLsn, long endLsn, ActiveIndex index) throws IOException {
    var name = SegmentNames.of(baseLsn, SegmentNames.INDEX);
    var temp = name + "." + NEXT_TEMP.incrementAndGet() + SegmentNames.TEMP;
    int[] refs = index.partitionRefs();
    long size = IndexFormat.fileBytes(refs.length, index.entryCount(), index.stampCount());
    buffer = ByteBuffer.allocateDirect((int) Math.min(BUFFER_BYTES, size));
    boolean whole = false;
    try (var file = disk.create(temp)) {
      writeRuns(file, index, refs);
      writeEntries(file, index, refs);
      writeStamps(file, index);
      flush(file);
      writeHeader(file, baseLsn, endLsn, refs.length, index);
      file.sync();
      whole = true;
    } finally {
      if (!whole) {
        disk.delete(temp); // a full disk needs its space
      }
    }
    disk.rename(temp, name);
    disk.syncDirectory();
  }

  private void writeRuns(DiskFile file, ActiveIndex index, int[] refs) throws IOException {
    long firstEntry = 0;
    for (int ref : refs) {
      var run = run(index, ref);
      makeRoom(file, IndexFormat.RUN_BYTES);
      buffer.putInt(ref).putInt(run.count()).putLong(firstEntry);
      buffer.putLong(run.endOffset()).putLong(run.maxTimestampMs()).putLong(run.startOffset());
      firstEntry += run.count();
    }
  }

  private void writeEntries(DiskFile file, ActiveIndex index, int[] refs) throws IOException {
    for (int ref : refs) {
      var run = run(index, ref);
      long expected = run.startOffset();
      for (int i = 0; i < run.count(); i++) {
        if (run.baseOffset(i) != expected) {
          throw new Fault.Broken(
              "offsets of a partition have a gap, log="
                  + log
                  + " partitionRef="
                  + ref
                  + " expected="
                  + expected
                  + " found="
                  + run.baseOffset(i));
        }
        expected = run.endOffset(i);
        makeRoom(file, IndexFormat.ENTRY_BYTES);
        buffer.putLong(run.baseOffset(i)).putLong(run.maxTimestampMs(i));
        buffer.putInt(run.position(i)).putInt(run.sizeBytes(i));
      }
    }
  }

  private void writeStamps(DiskFile file, ActiveIndex index) throws IOException {
    for (int i = 0; i < index.stampCount(); i++) {
      makeRoom(file, IndexFormat.STAMP_BYTES);
      var stamp = index.stampAt(index.stampPosition(i));
      buffer.putLong(index.stampPosition(i)).putLong(stamp.term()).putLong(stamp.appendTimeMs());
    }
  }

  private static IndexRun run(ActiveIndex index, int ref) {
    var run = index.run(ref);
    if (run == null) {
      throw new IllegalStateException("no run of partitionRef " + ref);
    }
    return run;
  }

  private void makeRoom(DiskFile file, int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush(file);
    }
  }

  private void flush(DiskFile file) throws IOException {
    buffer.flip();
    bodyCrc.update(buffer.duplicate());
    int size = buffer.remaining();
    file.write(buffer, written);
    written += size;
    buffer.clear();
  }

  private void writeHeader(
      DiskFile file, long baseLsn, long endLsn, int runCount, ActiveIndex index)
      throws IOException {
    var header = ByteBuffer.allocate(IndexFormat.HEADER_BYTES);
    header.putInt(IndexFormat.MAGIC).putInt(0);
    header.putLong(log.uuid().getMostSignificantBits());
    header.putLong(log.uuid().getLeastSignificantBits());
    header.putLong(baseLsn).putLong(endLsn);
    header.putInt(runCount).putInt(index.entryCount()).putInt(index.stampCount());
    header.putInt((int) bodyCrc.getValue());
    header.putInt(IndexFormat.HEADER_CRC, SealedIndex.headerCrc(header));
    file.write(header.position(0).limit(IndexFormat.HEADER_BYTES), 0);
  }
}
