package io.tidelog.hot.replica.net;

import io.tidelog.hot.format.FrameFormat;

/** Layout and limits of frames; see {@code docs/formats/replication.md}. */
public final class ReplicaFormat {

  /** The highest version of the protocol that is spoken here. */
  public static final int VERSION = 2;

  /** The lowest one. */
  static final int LOWEST_VERSION = 1;

  static final int SIZE_POSITION = 0;
  static final int CRC_POSITION = 4;
  static final int VERSION_POSITION = 8;

  /** Of any frame, up to its body. */
  static final int HEAD_BYTES = 28;

  /** Body of an append, without its groups. */
  static final int APPEND_BODY_BYTES = 6 * Long.BYTES;

  static final int APPEND_HEAD_BYTES = HEAD_BYTES + APPEND_BODY_BYTES;

  /** The largest write group: the largest frame of a log alone in its group. */
  public static final int MAX_GROUPS_BYTES =
      FrameFormat.GROUP_START_BYTES + FrameFormat.MAX_FRAME_BYTES;

  /** Where terms begin, in one open. */
  public static final int MAX_HISTORY = 4_096;

  /** Of a checkpoint, in one message. */
  public static final int MAX_CHECKPOINT_PART_BYTES = 1 << 20;

  /** Of the answer about a moving partition, in one message. */
  public static final int MAX_MOVE_PART_BYTES = 1 << 19;

  /** A frame other than an append is in memory before its checksum is known to be right. */
  static final int MAX_PLAIN_FRAME_BYTES = MAX_CHECKPOINT_PART_BYTES + 1_024;

  private ReplicaFormat() {}

  /** The byte that says what a frame is; numbers are never used again. */
  enum Type {
    OPEN(1, 1),
    OPENED(2, 1),
    COPY_FIRST(3, 1),
    CHECKPOINT_WANTED(4, 1),
    CHECKPOINT_PART(5, 1),
    DENIED(6, 1),
    APPEND(7, 1),
    ACKNOWLEDGED(8, 1),
    PROBE(9, 1),
    PROBE_ANSWER(10, 1),
    TAKE_OVER(11, 1),
    MOVE_ASK(12, 2),
    MOVE_PART(13, 2),
    NEEDS_ASK(14, 2),
    NEEDS(15, 2),
    LEAVE(16, 2);

    private static final Type[] BY_CODE = new Type[17];

    static {
      for (var type : values()) {
        BY_CODE[type.code] = type;
      }
    }

    private final byte code;
    private final byte since;

    Type(int code, int since) {
      this.code = (byte) code;
      this.since = (byte) since;
    }

    byte code() {
      return code;
    }

    /** The version of the protocol that brought it; its frames carry this one. */
    byte since() {
      return since;
    }

    static Type of(byte code) throws BadFrameException {
      if (code <= 0 || code >= BY_CODE.length) {
        throw new BadFrameException("unknown type " + code + ", perhaps of a newer version");
      }
      return BY_CODE[code];
    }
  }
}
