package io.tidelog.cold.format;

import io.tidelog.core.Fault;
import java.nio.ByteBuffer;

/**
 * The last {@link ColdFormat#TRAILER_BYTES} bytes of an object, from which its footer is found.
 *
 * @param footerPosition of the footer's first byte in the object
 * @param footerCrc CRC-32C of the footer
 */
public record ColdTrailer(long footerPosition, int footerSizeBytes, int footerCrc) {

  /**
   * Reads the trailer of an object of {@code objectSizeBytes}; borrows {@code bytes} and moves
   * nothing in it.
   *
   * @param at where the trailer begins in {@code bytes}
   * @throws Fault.Broken when it is no trailer, or one of another version or another object
   */
  public static ColdTrailer parse(ByteBuffer bytes, int at, long objectSizeBytes) {
    if (at < 0 || bytes.limit() - at < ColdFormat.TRAILER_BYTES) {
      throw new Fault.Broken("a cold object of " + objectSizeBytes + " bytes has no trailer");
    }
    if (bytes.getLong(at + 24) != ColdFormat.MAGIC) {
      throw new Fault.Broken("a cold object does not end as one");
    }
    int version = bytes.getInt(at + 20);
    if (version != ColdFormat.VERSION) {
      throw new Fault.Broken("a cold object has format version " + version + ", known is 1");
    }
    long position = bytes.getLong(at);
    long size = bytes.getLong(at + 8);
    if (size < ColdFormat.FOOTER_HEADER_BYTES
        || size > ColdFormat.MAX_FOOTER_BYTES
        || position < ColdFormat.HEADER_BYTES
        || position != objectSizeBytes - ColdFormat.TRAILER_BYTES - size) {
      throw new Fault.Broken(
          "a cold object of "
              + objectSizeBytes
              + " bytes says its footer has "
              + size
              + " at "
              + position);
    }
    return new ColdTrailer(position, (int) size, bytes.getInt(at + 16));
  }

  void write(ByteBuffer out) {
    out.putLong(footerPosition)
        .putLong(footerSizeBytes)
        .putInt(footerCrc)
        .putInt(ColdFormat.VERSION)
        .putLong(ColdFormat.MAGIC);
  }
}
