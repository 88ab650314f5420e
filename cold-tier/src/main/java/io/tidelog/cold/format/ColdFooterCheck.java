package io.tidelog.cold.format;

import io.tidelog.core.Fault;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Checks a footer before anybody reads from it: a file from a bucket is a stranger's until its
 * checksum, its counts and the order of everything in it are proven.
 */
final class ColdFooterCheck {

  private final ColdFooter footer;

  private ColdFooterCheck(ColdFooter footer) {
    this.footer = footer;
  }

  static ColdFooter parse(ByteBuffer bytes, ColdTrailer trailer) {
    require(bytes.limit() == trailer.footerSizeBytes(), "is cut");
    var crc = new CRC32C();
    crc.update(bytes.duplicate());
    require((int) crc.getValue() == trailer.footerCrc(), "does not match its checksum");
    var footer = sized(bytes, trailer.footerPosition());
    new ColdFooterCheck(footer).checkAll();
    return footer;
  }

  private static ColdFooter sized(ByteBuffer bytes, long position) {
    require(bytes.limit() >= ColdFormat.FOOTER_HEADER_BYTES, "is shorter than its header");
    long size = bytes.limit();
    long runs = count(bytes, ColdFormat.RUN_COUNT_AT, ColdFormat.RUN_BYTES);
    long entries = count(bytes, ColdFormat.ENTRY_COUNT_AT, ColdFormat.ENTRY_BYTES);
    long epochs = count(bytes, ColdFormat.EPOCH_COUNT_AT, ColdFormat.EPOCH_BYTES);
    require(
        size
            == ColdFormat.FOOTER_HEADER_BYTES
                + runs * ColdFormat.RUN_BYTES
                + entries * ColdFormat.ENTRY_BYTES
                + epochs * ColdFormat.EPOCH_BYTES,
        "has another size than its tables");
    return new ColdFooter(bytes, position, (int) runs, (int) entries, (int) epochs);
  }

  /** Bounded by the size of the footer itself, so that no product of it overflows. */
  private static long count(ByteBuffer bytes, int at, int recordBytes) {
    long count = bytes.getLong(at);
    require(count >= 0 && count <= bytes.limit() / recordBytes, "counts what does not fit");
    return count;
  }

  private void checkAll() {
    require(
        footer.term() >= 0 && footer.baseLsn() >= 0 && footer.endLsn() >= footer.baseLsn(),
        "names an impossible term or LSN");
    long position = ColdFormat.HEADER_BYTES;
    int entry = 0;
    int epoch = 0;
    for (int run = 0; run < footer.runCount(); run++) {
      checkRun(run, position, entry, epoch);
      position = footer.runPosition(run) + footer.runSizeBytes(run);
      entry = footer.endEntry(run);
      epoch = footer.endEpoch(run);
    }
    require(
        position == footer.position()
            && entry == footer.entryCount()
            && epoch == footer.epochCount(),
        "does not cover the object");
  }

  private void checkRun(int run, long position, int entry, int epoch) {
    require(footer.partitionIndex(run) >= 0, "has a negative partition");
    require(
        footer.runStartOffset(run) >= 0 && footer.runEndOffset(run) > footer.runStartOffset(run),
        "has a run without offsets");
    require(
        footer.runPosition(run) == position
            && footer.runSizeBytes(run) > 0
            && footer.runSizeBytes(run) <= footer.position() - position,
        "has a run out of place");
    require(
        footer.firstEntry(run) == entry
            && footer.endEntry(run) > entry
            && footer.endEntry(run) <= footer.entryCount(),
        "has a run without an index");
    require(
        footer.firstEpoch(run) == epoch
            && footer.endEpoch(run) > epoch
            && footer.endEpoch(run) <= footer.epochCount(),
        "has a run without a leader epoch");
    if (run > 0) {
      int order = footer.comparePartition(run - 1, footer.partition(run));
      require(
          order < 0 || (order == 0 && footer.runEndOffset(run - 1) <= footer.runStartOffset(run)),
          "has runs out of order");
    }
    checkEntries(run);
    checkEpochs(run);
  }

  private void checkEntries(int run) {
    long endPosition = footer.runPosition(run) + footer.runSizeBytes(run);
    int first = footer.firstEntry(run);
    require(
        footer.entryOffset(first) == footer.runStartOffset(run)
            && footer.entryPosition(first) == footer.runPosition(run),
        "has an index that does not begin with its run");
    for (int entry = first; entry < footer.endEntry(run); entry++) {
      boolean isLast = entry + 1 == footer.endEntry(run);
      long nextPosition = isLast ? endPosition : footer.entryPosition(entry + 1);
      long nextOffset = isLast ? footer.runEndOffset(run) : footer.entryOffset(entry + 1);
      long size = nextPosition - footer.entryPosition(entry);
      require(
          footer.entryPosition(entry) < nextPosition
              && size <= Integer.MAX_VALUE
              && nextPosition <= endPosition
              && footer.entryOffset(entry) < nextOffset,
          "has index entries out of order");
    }
  }

  private void checkEpochs(int run) {
    int first = footer.firstEpoch(run);
    require(
        footer.epochStartOffset(first) == footer.runStartOffset(run),
        "has epochs that do not begin with their run");
    for (int epoch = first + 1; epoch < footer.endEpoch(run); epoch++) {
      require(
          footer.epochStartOffset(epoch - 1) < footer.epochStartOffset(epoch)
              && footer.epochStartOffset(epoch) < footer.runEndOffset(run)
              && footer.leaderEpoch(epoch - 1) < footer.leaderEpoch(epoch),
          "has leader epochs out of order");
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new Fault.Broken("the footer of a cold object " + otherwise);
    }
  }
}
