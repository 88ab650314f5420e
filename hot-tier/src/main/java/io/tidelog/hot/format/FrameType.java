package io.tidelog.hot.format;

import org.jspecify.annotations.Nullable;

/** The numbers by which frame types are stored; never reused, never renumbered. */
public enum FrameType {
  GROUP_START(1),
  RECORDS(2),
  TERM_START(3),
  PARTITION_OPEN(4),
  PARTITION_CLOSE(5),
  PARTITION_CONFIGURE(6),
  DELIVER_PENDING(7),
  LOG_START(8),
  COLD_COMMIT(9),
  VIEW_HASH(10),
  IMPORT_BEGIN(11),
  IMPORT_END(12),
  MOVE_OPEN(13),
  MOVE_DROP(14),
  MOVE_CLOSE(15),
  MOVE_REOPEN(16),
  MOVE_RELEASE(17),
  MOVE_NEEDS(18);

  private static final FrameType[] BY_ID = new FrameType[19];

  static {
    for (var type : values()) {
      BY_ID[type.id] = type;
    }
  }

  private final int id;

  FrameType(int id) {
    this.id = id;
  }

  public int id() {
    return id;
  }

  /** The type stored as {@code id}, or null when this version knows none. */
  public static @Nullable FrameType of(int id) {
    return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
  }

  static FrameType of(Frame frame) {
    return switch (frame) {
      case Frame.GroupStart f -> GROUP_START;
      case Frame.RecordsFrame f -> RECORDS;
      case Frame.TermStart f -> TERM_START;
      case Frame.PartitionOpen f -> PARTITION_OPEN;
      case Frame.PartitionClose f -> PARTITION_CLOSE;
      case Frame.PartitionConfigure f -> PARTITION_CONFIGURE;
      case Frame.DeliverPending f -> DELIVER_PENDING;
      case Frame.LogStart f -> LOG_START;
      case Frame.ColdCommit f -> COLD_COMMIT;
      case Frame.ViewHash f -> VIEW_HASH;
      case Frame.ImportBegin f -> IMPORT_BEGIN;
      case Frame.ImportEnd f -> IMPORT_END;
      case Frame.MoveOpen f -> MOVE_OPEN;
      case Frame.MoveStep f ->
          switch (f.step()) {
            case DROP -> MOVE_DROP;
            case CLOSE -> MOVE_CLOSE;
            case REOPEN -> MOVE_REOPEN;
            case RELEASE -> MOVE_RELEASE;
          };
      case Frame.MoveNeeds f -> MOVE_NEEDS;
    };
  }
}
