package io.tidelog.cold.format;

import io.tidelog.cold.store.ObjectContent;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.SealedSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * An object laid out and ready to be uploaded: header and footer in memory, records still in the
 * segment. Belongs to the task that prepared it; useless once the segment is closed.
 */
public final class PreparedObject implements ObjectContent {

  private static final ByteBuffer HEADER =
      ByteBuffer.allocate(ColdFormat.HEADER_BYTES)
          .putLong(ColdFormat.MAGIC)
          .putInt(ColdFormat.VERSION)
          .putInt(0)
          .flip()
          .asReadOnlyBuffer();

  private final SealedSegment segment;
  private final CheckedRecords records;
  private final ColdTrailer trailer;
  private final ByteBuffer tail;

  PreparedObject(SealedSegment segment, SourceMap sources, long footerPosition, ByteBuffer footer) {
    this.segment = segment;
    var crc = new CRC32C();
    crc.update(footer.duplicate());
    this.trailer = new ColdTrailer(footerPosition, footer.remaining(), (int) crc.getValue());
    this.tail = ByteBuffer.allocate(footer.remaining() + ColdFormat.TRAILER_BYTES).put(footer);
    trailer.write(tail);
    tail.flip();
    // What no reader could parse is not uploaded.
    var parsed = ColdFooter.parse(tail.duplicate().limit(trailer.footerSizeBytes()), trailer);
    this.records = new CheckedRecords(segment.channel(), sources, parsed);
  }

  /** What a commit says about the object, once it is uploaded under this key. */
  public ColdObject describe(String key) {
    return new ColdObject(
        segment.log(),
        segment.term(),
        segment.baseLsn(),
        segment.endLsn(),
        key,
        sizeBytes(),
        trailer.footerSizeBytes(),
        trailer.footerCrc());
  }

  /** Footer and trailer as they must be found in the object; read-only. */
  public ByteBuffer tail() {
    return tail.asReadOnlyBuffer();
  }

  public long tailPosition() {
    return trailer.footerPosition();
  }

  @Override
  public long sizeBytes() {
    return trailer.footerPosition() + tail.limit();
  }

  @Override
  public void read(long position, ByteBuffer into) throws IOException {
    if (position < 0 || position + into.remaining() > sizeBytes()) {
      throw new IndexOutOfBoundsException(
          into.remaining() + " bytes at " + position + " of " + sizeBytes());
    }
    long at = position;
    if (at < ColdFormat.HEADER_BYTES) {
      at += copy(HEADER, at, into);
    }
    if (into.hasRemaining() && at < trailer.footerPosition()) {
      int before = into.position();
      records.read(at, into);
      at += into.position() - before;
    }
    if (into.hasRemaining()) {
      copy(tail, at - trailer.footerPosition(), into);
    }
  }

  private static int copy(ByteBuffer from, long position, ByteBuffer into) {
    int bytes = (int) Math.min(into.remaining(), from.limit() - position);
    into.put(from.slice((int) position, bytes));
    return bytes;
  }
}
