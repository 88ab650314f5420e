package io.tidelog.hot.format;

import io.tidelog.core.LogId;
import io.tidelog.hot.format.Frame.MoveStep.Step;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads and checks frames of one log. Throws for no content whatever. Belongs to one thread. */
public final class FrameScanner {

  private final FrameChecksum checksum;

  public FrameScanner(LogId log) {
    this.checksum = new FrameChecksum(log);
  }

  /**
   * Reads the frame at the position of {@code buffer}, which is at {@code lsn} in the log, and
   * moves the position behind it when it is {@link ScanOutcome.Found}; else it stays. The frame
   * borrows the buffer.
   */
  public ScanOutcome next(ByteBuffer buffer, long lsn) {
    int start = buffer.position();
    int remaining = buffer.remaining();
    if (remaining == 0) {
      return new ScanOutcome.End(lsn);
    }
    if (remaining < FrameFormat.HEADER_BYTES) {
      return isZero(buffer, start, buffer.limit())
          ? new ScanOutcome.End(lsn)
          : new ScanOutcome.Torn(lsn, FrameFormat.HEADER_BYTES);
    }
    int magic = buffer.getInt(start + FrameFormat.MAGIC_POSITION);
    if (magic != FrameFormat.MAGIC) {
      return isZero(buffer, start, start + FrameFormat.HEADER_BYTES)
          ? new ScanOutcome.End(lsn)
          : damaged(lsn, "magic " + Integer.toHexString(magic));
    }
    int size = buffer.getInt(start + FrameFormat.SIZE_POSITION);
    if (size < FrameFormat.HEADER_BYTES || size > FrameFormat.MAX_FRAME_BYTES) {
      return damaged(lsn, "frame size " + size);
    }
    int aligned = FrameFormat.aligned(size);
    if (aligned > remaining) {
      return new ScanOutcome.Torn(lsn, aligned);
    }
    int crc = checksum.of(buffer, start, start + aligned, lsn);
    if (crc != buffer.getInt(start + FrameFormat.CRC_POSITION)) {
      return damaged(lsn, "checksum does not match");
    }
    return decode(buffer, start, size, lsn);
  }

  private static boolean isZero(ByteBuffer buffer, int start, int end) {
    for (int at = start; at < end; at++) {
      if (buffer.get(at) != 0) {
        return false;
      }
    }
    return true;
  }

  private static ScanOutcome damaged(long lsn, String why) {
    return new ScanOutcome.Damaged(lsn, why);
  }

  private static ScanOutcome decode(ByteBuffer buffer, int start, int size, long lsn) {
    int id = buffer.get(start + FrameFormat.TYPE_POSITION);
    var type = FrameType.of(id);
    if (type == null) {
      return new ScanOutcome.UnknownType(lsn, id);
    }
    var payload = buffer.slice(start + FrameFormat.HEADER_BYTES, size - FrameFormat.HEADER_BYTES);
    try {
      var frame = decodeFrame(type, buffer, start, payload);
      buffer.position(start + FrameFormat.aligned(size));
      return new ScanOutcome.Found(frame, lsn, FrameFormat.aligned(size));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return damaged(lsn, type + " frame has unsound contents: " + e);
    }
  }

  private static Frame decodeFrame(FrameType type, ByteBuffer buffer, int start, ByteBuffer in) {
    int partition = buffer.getInt(start + FrameFormat.PARTITION_POSITION);
    long term = buffer.getLong(start + FrameFormat.TERM_POSITION);
    long time = buffer.getLong(start + FrameFormat.APPEND_TIME_POSITION);
    long offset = buffer.getLong(start + FrameFormat.BASE_OFFSET_POSITION);
    return switch (type) {
      case GROUP_START -> new Frame.GroupStart(term, time, in.getLong(), in.getInt());
      case RECORDS -> {
        int count = buffer.getInt(start + FrameFormat.RECORD_COUNT_POSITION);
        yield new Frame.RecordsFrame(partition, term, time, offset, count, in);
      }
      case TERM_START -> new Frame.TermStart(term, time, in.getInt(), FrameCodec.getUuid(in));
      case PARTITION_OPEN -> {
        var id = FrameCodec.getPartition(in);
        int baseEpoch = in.getInt();
        var config = FrameCodec.getConfig(in);
        yield new Frame.PartitionOpen(term, time, partition, id, baseEpoch, config);
      }
      case PARTITION_CLOSE -> new Frame.PartitionClose(term, time, partition);
      case PARTITION_CONFIGURE ->
          new Frame.PartitionConfigure(term, time, partition, FrameCodec.getConfig(in));
      case DELIVER_PENDING -> new Frame.DeliverPending(term, time, partition);
      case LOG_START -> new Frame.LogStart(term, time, partition, offset);
      case COLD_COMMIT -> new Frame.ColdCommit(term, time, FrameCodec.getColdObject(in));
      case VIEW_HASH -> new Frame.ViewHash(term, time, in.getLong());
      case IMPORT_BEGIN -> {
        var id = FrameCodec.getPartition(in);
        long epoch = in.getLong();
        var history = MoveCodec.getHistory(in);
        yield new Frame.ImportBegin(term, time, partition, id, epoch, history);
      }
      case IMPORT_END ->
          new Frame.ImportEnd(term, time, partition, in.getLong(), MoveCodec.getState(in));
      case MOVE_OPEN -> new Frame.MoveOpen(term, time, partition, in.getLong(), in.getInt());
      case MOVE_DROP -> new Frame.MoveStep(term, time, partition, in.getLong(), Step.DROP);
      case MOVE_CLOSE -> new Frame.MoveStep(term, time, partition, in.getLong(), Step.CLOSE);
      case MOVE_REOPEN -> new Frame.MoveStep(term, time, partition, in.getLong(), Step.REOPEN);
      case MOVE_RELEASE -> new Frame.MoveStep(term, time, partition, in.getLong(), Step.RELEASE);
      case MOVE_NEEDS -> {
        var id = FrameCodec.getPartition(in);
        long epoch = in.getLong();
        yield new Frame.MoveNeeds(term, time, id, epoch, baseLsns(in));
      }
    };
  }

  private static List<Long> baseLsns(ByteBuffer in) {
    int count = MoveCodec.count(in, Long.BYTES);
    List<Long> baseLsns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      baseLsns.add(in.getLong());
    }
    return baseLsns;
  }
}
