package io.tidelog.hot.format;

/**
 * Layout of a frame's header, in bytes from the frame's first byte; all numbers are big-endian. See
 * {@code docs/formats/segment-log.md}.
 */
public final class FrameFormat {

  /** Written by {@link Frame.TermStart}; a reader refuses a higher one. */
  public static final int LEVEL = 2;

  /** {@code TDL1}. */
  public static final int MAGIC = 0x54444c31;

  public static final int MAGIC_POSITION = 0;

  /** CRC-32C of log id, LSN, and everything from {@link #TYPE_POSITION} to the aligned end. */
  public static final int CRC_POSITION = 4;

  public static final int TYPE_POSITION = 8;
  public static final int SIZE_POSITION = 12;
  public static final int PARTITION_POSITION = 16;
  public static final int RECORD_COUNT_POSITION = 20;
  public static final int TERM_POSITION = 24;
  public static final int APPEND_TIME_POSITION = 32;
  public static final int BASE_OFFSET_POSITION = 40;
  public static final int HEADER_BYTES = 48;

  /** Frames begin at multiples of this; the gap is filled with zeros. */
  public static final int ALIGNMENT_BYTES = 8;

  /** A longer frame is damage: a quarter of a segment of the default size. */
  public static final int MAX_FRAME_BYTES = 64 << 20;

  /** Aligned size of a {@link Frame.GroupStart}. */
  public static final int GROUP_START_BYTES = HEADER_BYTES + 16;

  private FrameFormat() {}

  /** Bytes that a frame of {@code sizeBytes} takes in the log. */
  public static int aligned(int sizeBytes) {
    return (sizeBytes + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
  }

  /** Bytes that a {@link Frame.RecordsFrame} with batches of this size takes in the log. */
  public static int recordsFrameBytes(int batchesBytes) {
    return aligned(HEADER_BYTES + batchesBytes);
  }
}
