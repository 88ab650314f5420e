package io.tidelog.hot.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.PartitionConfig;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** Writes frames of one log as bytes. Belongs to one thread. */
public final class FrameCodec {

  private static final int COMPACTED = 1;
  private static final int DELETED = 2;

  private final FrameChecksum checksum;

  public FrameCodec(LogId log) {
    this.checksum = new FrameChecksum(log);
  }

  /** Bytes that the frame takes in the log, padding included. */
  public static int sizeOf(Frame frame) {
    return FrameFormat.aligned(FrameFormat.HEADER_BYTES + payloadBytes(frame));
  }

  /**
   * Writes {@code frame} at the position of {@code target} and moves it behind the frame; borrows
   * both.
   *
   * @param lsn where the frame begins in the log
   * @throws java.nio.BufferOverflowException when {@code target} is too small
   */
  public void encode(Frame frame, ByteBuffer target, long lsn) {
    int start = target.position();
    beginHeader(frame, target);
    switch (frame) {
      case Frame.GroupStart f -> target.putLong(f.commitLsn()).putInt(f.groupBytes()).putInt(0);
      case Frame.RecordsFrame f -> target.put(f.batches().duplicate());
      case Frame.TermStart f -> putUuid(target.putInt(f.formatLevel()), f.nodeIncarnation());
      case Frame.PartitionOpen f -> {
        putPartition(target, f.id()).putInt(f.baseEpoch());
        putConfig(target, f.config());
      }
      case Frame.PartitionConfigure f -> putConfig(target, f.config());
      case Frame.ColdCommit f -> putColdObject(target, f.object());
      case Frame.ViewHash f -> target.putLong(f.hash());
      case Frame.ImportBegin f -> {
        putPartition(target, f.id()).putLong(f.moveEpoch());
        MoveCodec.put(f.history(), target);
      }
      case Frame.ImportEnd f -> MoveCodec.put(f.state(), target.putLong(f.moveEpoch()));
      case Frame.MoveOpen f -> target.putLong(f.moveEpoch()).putInt(f.baseEpoch());
      case Frame.MoveStep f -> target.putLong(f.moveEpoch());
      case Frame.MoveNeeds f -> {
        putPartition(target, f.id()).putLong(f.moveEpoch()).putInt(f.baseLsns().size());
        f.baseLsns().forEach(target::putLong);
      }
      case Frame.PartitionClose f -> {}
      case Frame.DeliverPending f -> {}
      case Frame.LogStart f -> {}
    }
    finish(target, start, lsn);
  }

  /** As {@link #encode}, with {@code more} batches behind those of {@code first}. */
  public void encodeGathered(
      Frame.RecordsFrame first, List<ByteBuffer> more, ByteBuffer target, long lsn) {
    int start = target.position();
    beginHeader(first, target);
    target.put(first.batches().duplicate());
    for (var batches : more) {
      target.put(batches.duplicate());
    }
    finish(target, start, lsn);
  }

  private static void beginHeader(Frame frame, ByteBuffer target) {
    boolean records = frame instanceof Frame.RecordsFrame;
    target.putInt(FrameFormat.MAGIC).putInt(0);
    target.putInt(FrameType.of(frame).id() << 24).putInt(0);
    target.putInt(frame.partitionRef());
    target.putInt(records ? ((Frame.RecordsFrame) frame).recordCount() : 0);
    target.putLong(frame.term()).putLong(frame.appendTimeMs());
    target.putLong(
        switch (frame) {
          case Frame.RecordsFrame f -> f.baseOffset();
          case Frame.LogStart f -> f.logStartOffset();
          default -> 0;
        });
  }

  private void finish(ByteBuffer target, int start, long lsn) {
    int size = target.position() - start;
    if (size > FrameFormat.MAX_FRAME_BYTES) {
      throw new IllegalArgumentException("a frame of " + size + " bytes");
    }
    int end = start + FrameFormat.aligned(size);
    while (target.position() < end) {
      target.put((byte) 0);
    }
    target.putInt(start + FrameFormat.SIZE_POSITION, size);
    target.putInt(start + FrameFormat.CRC_POSITION, checksum.of(target, start, end, lsn));
  }

  private static int payloadBytes(Frame frame) {
    return switch (frame) {
      case Frame.GroupStart f -> 16;
      case Frame.RecordsFrame f -> f.batches().remaining();
      case Frame.TermStart f -> 20;
      case Frame.PartitionOpen f -> PARTITION_BYTES + 4 + CONFIG_BYTES;
      case Frame.PartitionConfigure f -> CONFIG_BYTES;
      case Frame.ColdCommit f -> coldObjectBytes(f.object());
      case Frame.ViewHash f -> 8;
      case Frame.ImportBegin f -> PARTITION_BYTES + 8 + MoveCodec.sizeOf(f.history());
      case Frame.ImportEnd f -> 8 + MoveCodec.sizeOf(f.state());
      case Frame.MoveOpen f -> 12;
      case Frame.MoveStep f -> 8;
      case Frame.MoveNeeds f -> PARTITION_BYTES + 12 + 8 * f.baseLsns().size();
      case Frame.PartitionClose f -> 0;
      case Frame.DeliverPending f -> 0;
      case Frame.LogStart f -> 0;
    };
  }

  static final int CONFIG_BYTES = 56;
  private static final int PARTITION_BYTES = 20;

  /** Of an object in a frame. */
  static int coldObjectBytes(ColdObject object) {
    return 60 + MoveCodec.keyBytes(object.key());
  }

  private static ByteBuffer putPartition(ByteBuffer target, PartitionId id) {
    putUuid(target, id.topicId());
    return target.putInt(id.partition());
  }

  static void putConfig(ByteBuffer target, PartitionConfig config) {
    target.putLong(config.retentionMs()).putLong(config.retentionBytes());
    target.putLong(config.localRetentionMs()).putLong(config.localRetentionBytes());
    target.putLong(config.delayMs()).putLong(config.delayMaxPendingBytes());
    target.putLong((config.compacted() ? COMPACTED : 0) | (config.deleted() ? DELETED : 0));
  }

  static void putColdObject(ByteBuffer target, ColdObject object) {
    putUuid(target, object.log().uuid());
    target.putLong(object.term()).putLong(object.baseLsn()).putLong(object.endLsn());
    target.putLong(object.sizeBytes());
    target.putInt(object.footerSizeBytes()).putInt(object.footerCrc());
    byte[] key = object.key().getBytes(UTF_8);
    target.putInt(key.length).put(key);
  }

  private static void putUuid(ByteBuffer target, UUID uuid) {
    target.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
  }

  static PartitionConfig getConfig(ByteBuffer payload) {
    long retentionMs = payload.getLong();
    long retentionBytes = payload.getLong();
    long localRetentionMs = payload.getLong();
    long localRetentionBytes = payload.getLong();
    long delayMs = payload.getLong();
    long delayMaxPendingBytes = payload.getLong();
    long flags = payload.getLong();
    return new PartitionConfig(
        retentionMs,
        retentionBytes,
        localRetentionMs,
        localRetentionBytes,
        (flags & COMPACTED) != 0,
        (flags & DELETED) != 0,
        delayMs,
        delayMaxPendingBytes);
  }

  static ColdObject getColdObject(ByteBuffer payload) {
    var log = new LogId(getUuid(payload));
    long term = payload.getLong();
    long baseLsn = payload.getLong();
    long endLsn = payload.getLong();
    long sizeBytes = payload.getLong();
    int footerSizeBytes = payload.getInt();
    int footerCrc = payload.getInt();
    int keyBytes = payload.getInt();
    if (keyBytes < 0 || keyBytes > payload.remaining()) {
      throw new IllegalArgumentException("an object key of " + keyBytes + " bytes");
    }
    byte[] key = new byte[keyBytes];
    payload.get(key);
    return new ColdObject(
        log, term, baseLsn, endLsn, new String(key, UTF_8), sizeBytes, footerSizeBytes, footerCrc);
  }

  static PartitionId getPartition(ByteBuffer payload) {
    return new PartitionId(getUuid(payload), payload.getInt());
  }

  static UUID getUuid(ByteBuffer payload) {
    return new UUID(payload.getLong(), payload.getLong());
  }
}
