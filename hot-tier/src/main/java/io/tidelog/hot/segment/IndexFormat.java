package io.tidelog.hot.segment;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Layout of an {@code .idx} file, in bytes, big-endian: a header, the runs sorted by partition, the
 * entries of each run in offset order, and the stamps. See {@code docs/formats/segment-log.md}.
 */
final class IndexFormat {

  static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** {@code TDX1}. */
  static final int MAGIC = 0x54445831;

  static final int HEADER_BYTES = 64;
  static final int HEADER_MAGIC = 0;
  static final int HEADER_CRC = 4;
  static final int HEADER_LOG = 8;
  static final int HEADER_BASE_LSN = 24;
  static final int HEADER_END_LSN = 32;
  static final int HEADER_RUNS = 40;
  static final int HEADER_ENTRIES = 44;
  static final int HEADER_STAMPS = 48;
  static final int HEADER_BODY_CRC = 52;

  static final int RUN_BYTES = 40;
  static final int RUN_PARTITION = 0;
  static final int RUN_COUNT = 4;
  static final int RUN_FIRST_ENTRY = 8;
  static final int RUN_END_OFFSET = 16;
  static final int RUN_MAX_TIMESTAMP = 24;
  static final int RUN_START_OFFSET = 32;

  static final int ENTRY_BYTES = 24;
  static final int ENTRY_BASE_OFFSET = 0;
  static final int ENTRY_MAX_TIMESTAMP = 8;
  static final int ENTRY_POSITION = 16;
  static final int ENTRY_SIZE = 20;

  static final int STAMP_BYTES = 24;
  static final int STAMP_POSITION = 0;
  static final int STAMP_TERM = 8;
  static final int STAMP_APPEND_TIME = 16;

  private IndexFormat() {}

  static long fileBytes(int runs, int entries, int stamps) {
    return HEADER_BYTES
        + (long) runs * RUN_BYTES
        + (long) entries * ENTRY_BYTES
        + (long) stamps * STAMP_BYTES;
  }
}
