package io.tidelog.hot.format;

import io.tidelog.core.BatchHeader;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The checksum of a record batch, format 2, which covers all that its producer wrote. */
public final class BatchChecksum {

  private BatchChecksum() {}

  /** Of the batch that begins at an index of the buffer; what its header should say. */
  public static int of(ByteBuffer batches, int at, int sizeBytes) {
    var crc = new CRC32C();
    crc.update(
        batches.duplicate().limit(at + sizeBytes).position(at + BatchHeader.ATTRIBUTES_POSITION));
    return (int) crc.getValue();
  }
}
