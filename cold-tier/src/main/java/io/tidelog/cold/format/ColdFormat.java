package io.tidelog.cold.format;

import java.util.UUID;

/** The places and sizes of the level-0 object format, version 1. All numbers are big-endian. */
public final class ColdFormat {

  /** "TIDECOLD" in ASCII: the first eight bytes of an object and the last eight. */
  public static final long MAGIC = 0x54494445434f4c44L;

  public static final int VERSION = 1;

  public static final int HEADER_BYTES = 16;
  public static final int TRAILER_BYTES = 32;

  /** No footer is larger: the index of a segment of a million partitions is a tenth of it. */
  public static final int MAX_FOOTER_BYTES = 1 << 30;

  static final int FOOTER_HEADER_BYTES = 64;
  static final int RUN_BYTES = 80;
  static final int ENTRY_BYTES = 40;
  static final int EPOCH_BYTES = 16;

  static final int LOG_AT = 0;
  static final int TERM_AT = 16;
  static final int BASE_LSN_AT = 24;
  static final int END_LSN_AT = 32;
  static final int RUN_COUNT_AT = 40;
  static final int ENTRY_COUNT_AT = 48;
  static final int EPOCH_COUNT_AT = 56;

  static final int RUN_TOPIC_AT = 0;
  static final int RUN_PARTITION_AT = 16;
  static final int RUN_START_OFFSET_AT = 24;
  static final int RUN_END_OFFSET_AT = 32;
  static final int RUN_POSITION_AT = 40;
  static final int RUN_SIZE_AT = 48;
  static final int RUN_MAX_TIMESTAMP_AT = 56;
  static final int RUN_FIRST_ENTRY_AT = 64;
  static final int RUN_FIRST_EPOCH_AT = 72;

  static final int ENTRY_OFFSET_AT = 0;
  static final int ENTRY_POSITION_AT = 8;
  static final int ENTRY_MAX_TIMESTAMP_AT = 16;
  static final int ENTRY_APPEND_TIME_AT = 24;
  static final int ENTRY_CRC_AT = 32;

  static final int EPOCH_OFFSET_AT = 0;
  static final int EPOCH_AT = 8;

  private ColdFormat() {}

  /** The order of topic ids in an object: as unsigned bytes, not as {@link UUID#compareTo}. */
  static int compareTopics(long most, long least, UUID other) {
    int byMost = Long.compareUnsigned(most, other.getMostSignificantBits());
    return byMost != 0 ? byMost : Long.compareUnsigned(least, other.getLeastSignificantBits());
  }
}
