package io.tidelog.cold.format;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.core.log.SegmentRun;
import io.tidelog.core.log.SegmentRun.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.zip.CRC32C;

/**
 * Lays a sealed segment out as an object: reads every batch once, checks it as a reader of damaged
 * disks must (structure, offsets, checksum), and builds footer and index. The records themselves
 * are not kept; they are read again from the segment while they are uploaded. One writer per
 * object; used by one task.
 */
public final class ColdObjectWriter {

  private static final Comparator<SegmentRun> OBJECT_ORDER =
      Comparator.comparing(SegmentRun::partition, ColdObjectWriter::comparePartitions)
          .thenComparingLong(run -> run.offsets().start());

  private final SealedSegment segment;
  private final int indexIntervalBytes;
  private final ExtentReader reader;
  private final FooterTables tables = new FooterTables();
  private final SourceMap sources = new SourceMap();
  private final CRC32C entryCrc = new CRC32C();
  private final CRC32C batchCrc = new CRC32C();
  private long position = ColdFormat.HEADER_BYTES;

  // The run being laid out
  private long nextOffset;

  // The index entry being filled
  private long entryOffset;
  private long entryPosition;
  private long entryMaxTimestampMs;
  private long entryAppendTimeMs;

  private ColdObjectWriter(SealedSegment segment, int indexIntervalBytes) {
    this.segment = segment;
    this.indexIntervalBytes = indexIntervalBytes;
    this.reader = new ExtentReader(segment.channel());
  }

  /**
   * Prepares the object of a segment; the segment stays open as long as the object is used.
   *
   * @param indexIntervalBytes an index entry covers whole batches of at least this size together
   * @throws IOException when the segment cannot be read
   * @throws Fault.Broken when the segment does not hold what its runs say
   */
  public static PreparedObject prepare(SealedSegment segment, int indexIntervalBytes)
      throws IOException {
    return new ColdObjectWriter(segment, indexIntervalBytes).prepare();
  }

  private static int comparePartitions(PartitionId a, PartitionId b) {
    int byTopic =
        ColdFormat.compareTopics(
            a.topicId().getMostSignificantBits(),
            a.topicId().getLeastSignificantBits(),
            b.topicId());
    return byTopic != 0 ? byTopic : Integer.compare(a.partition(), b.partition());
  }

  private PreparedObject prepare() throws IOException {
    for (var run : segment.runs().stream().sorted(OBJECT_ORDER).toList()) {
      if (!run.extents().isEmpty()) {
        layOutRun(run);
      }
    }
    var footer = tables.encode(segment);
    return new PreparedObject(segment, sources, position, footer);
  }

  private void layOutRun(SegmentRun run) throws IOException {
    long runPosition = position;
    nextOffset = run.extents().getFirst().offsets().start();
    tables.beginRun(position);
    beginEntry();
    long maxTimestampMs = Long.MIN_VALUE;
    for (var extent : run.extents()) {
      tables.onEpoch(extent.leaderEpoch(), extent.offsets().start());
      maxTimestampMs = Math.max(maxTimestampMs, layOutExtent(run, extent));
    }
    endEntry();
    tables.endRun(run, nextOffset, position - runPosition, maxTimestampMs);
  }

  private long layOutExtent(SegmentRun run, Extent extent) throws IOException {
    if (extent.offsets().start() != nextOffset) {
      throw damaged(run, "continues at offset " + extent.offsets().start());
    }
    sources.add(position, extent.position(), extent.sizeBytes());
    reader.open(extent.position(), extent.sizeBytes());
    long maxTimestampMs = Long.MIN_VALUE;
    while (reader.remaining() > 0) {
      if (position - entryPosition >= indexIntervalBytes) {
        endEntry();
        beginEntry();
      }
      maxTimestampMs = Math.max(maxTimestampMs, layOutBatch(run, extent.appendTimeMs()));
    }
    if (nextOffset != extent.offsets().end()) {
      throw damaged(run, "ends an extent before its offset " + extent.offsets().end());
    }
    return maxTimestampMs;
  }

  private long layOutBatch(SegmentRun run, long appendTimeMs) throws IOException {
    if (reader.remaining() < BatchHeader.SIZE_BYTES) {
      throw damaged(run, "has a batch shorter than its header");
    }
    ByteBuffer window = reader.window(BatchHeader.SIZE_BYTES);
    var batch = BatchHeader.read(window, window.position());
    if (batch.magic() != 2
        || batch.sizeBytes() < BatchHeader.SIZE_BYTES
        || batch.sizeBytes() > reader.remaining()
        || batch.baseOffset() != nextOffset
        || batch.lastOffsetDelta() < 0) {
      throw damaged(run, "has another batch: " + batch);
    }
    batchCrc.reset();
    reader.consume(BatchHeader.ATTRIBUTES_POSITION, entryCrc, null);
    reader.consume(batch.sizeBytes() - BatchHeader.ATTRIBUTES_POSITION, entryCrc, batchCrc);
    if ((int) batchCrc.getValue() != batch.crc()) {
      throw damaged(run, "has a batch that does not match its checksum");
    }
    position += batch.sizeBytes();
    nextOffset = batch.endOffset();
    entryMaxTimestampMs = Math.max(entryMaxTimestampMs, batch.maxTimestampMs());
    entryAppendTimeMs = appendTimeMs;
    return batch.maxTimestampMs();
  }

  private void beginEntry() {
    entryOffset = nextOffset;
    entryPosition = position;
    entryMaxTimestampMs = Long.MIN_VALUE;
    entryCrc.reset();
  }

  private void endEntry() {
    tables.addEntry(
        entryOffset,
        entryPosition,
        entryMaxTimestampMs,
        entryAppendTimeMs,
        (int) entryCrc.getValue());
  }

  private Fault.Broken damaged(SegmentRun run, String how) {
    return new Fault.Broken(
        "segment "
            + segment.baseLsn()
            + " of log "
            + segment.log()
            + ": the run of "
            + run.partition()
            + " at offset "
            + nextOffset
            + " "
            + how);
  }
}
