package io.tidelog.cold.format;

import io.tidelog.core.Fault;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.core.log.SegmentRun;
import java.nio.ByteBuffer;

/** Collects the three tables of a footer as they will stand in the object. */
final class FooterTables {

  private final GrowingTable runs = new GrowingTable(ColdFormat.RUN_BYTES);
  private final GrowingTable entries = new GrowingTable(ColdFormat.ENTRY_BYTES);
  private final GrowingTable epochs = new GrowingTable(ColdFormat.EPOCH_BYTES);
  private long runPosition;
  private int runFirstEntry;
  private int runFirstEpoch;
  private int lastEpoch;

  void beginRun(long position) {
    runPosition = position;
    runFirstEntry = entries.count();
    runFirstEpoch = epochs.count();
  }

  void onEpoch(int leaderEpoch, long startOffset) {
    if (epochs.count() == runFirstEpoch || leaderEpoch != lastEpoch) {
      epochs.next().putLong(startOffset).putInt(leaderEpoch).putInt(0);
      lastEpoch = leaderEpoch;
    }
  }

  void addEntry(long offset, long position, long maxTimestampMs, long appendTimeMs, int crc) {
    entries
        .next()
        .putLong(offset)
        .putLong(position)
        .putLong(maxTimestampMs)
        .putLong(appendTimeMs)
        .putInt(crc)
        .putInt(0);
  }

  void endRun(SegmentRun run, long endOffset, long sizeBytes, long maxTimestampMs) {
    var topic = run.partition().topicId();
    runs.next()
        .putLong(topic.getMostSignificantBits())
        .putLong(topic.getLeastSignificantBits())
        .putInt(run.partition().partition())
        .putInt(0)
        .putLong(run.extents().getFirst().offsets().start())
        .putLong(endOffset)
        .putLong(runPosition)
        .putLong(sizeBytes)
        .putLong(maxTimestampMs)
        .putLong(runFirstEntry)
        .putLong(runFirstEpoch);
  }

  ByteBuffer encode(SealedSegment segment) {
    long size =
        ColdFormat.FOOTER_HEADER_BYTES
            + runs.sizeBytes()
            + entries.sizeBytes()
            + epochs.sizeBytes();
    if (size > ColdFormat.MAX_FOOTER_BYTES) {
      throw new Fault.Broken("a footer of " + size + " bytes for segment " + segment.baseLsn());
    }
    var log = segment.log().uuid();
    return ByteBuffer.allocate((int) size)
        .putLong(log.getMostSignificantBits())
        .putLong(log.getLeastSignificantBits())
        .putLong(segment.term())
        .putLong(segment.baseLsn())
        .putLong(segment.endLsn())
        .putLong(runs.count())
        .putLong(entries.count())
        .putLong(epochs.count())
        .put(runs.bytes())
        .put(entries.bytes())
        .put(epochs.bytes())
        .flip();
  }
}
