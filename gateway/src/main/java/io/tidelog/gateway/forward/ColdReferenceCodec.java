package io.tidelog.gateway.forward;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadResult;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes where a partition's offloaded records lie, and its ends, as one node tells another; see
 * {@code docs/formats/forwarding.md}. Pure.
 */
public final class ColdReferenceCodec {

  /** Of the tagged field that carries it; far above those that Kafka gives out. */
  public static final int TAG = 10_001;

  private static final byte FORMAT = 1;
  private static final int HEAD_BYTES = 1 + 7 * Long.BYTES + 2 * Integer.BYTES;
  private static final int REFERENCE_BYTES =
      2 * Long.BYTES + 6 * Long.BYTES + 2 * Integer.BYTES + 2;

  /** More are told the next time the client asks. */
  private static final int MAX_REFERENCES = 1_000;

  /** A gateway reads what a node sends it, and needs none of these. */
  private static final PartitionConfig UNTOLD =
      new PartitionConfig(-1, -1, -2, -2, false, true, 0, -1);

  private ColdReferenceCodec() {}

  /** What a partition's leader told of its ends, when it told no more. */
  public static PartitionSnapshot ends(
      PartitionId id, long logStartOffset, long lastStableOffset, long highWatermark) {
    return new PartitionSnapshot(
        id,
        UNTOLD,
        logStartOffset,
        logStartOffset,
        0,
        highWatermark,
        lastStableOffset,
        highWatermark,
        highWatermark,
        -1,
        0,
        0);
  }

  /** Gives the bytes. */
  public static byte[] encode(PartitionSnapshot at, List<ColdReference> references) {
    var told =
        references.size() <= MAX_REFERENCES ? references : references.subList(0, MAX_REFERENCES);
    var keys = told.stream().map(reference -> reference.object().key().getBytes(UTF_8)).toList();
    int size = HEAD_BYTES + REFERENCE_BYTES * told.size();
    for (var key : keys) {
      size += key.length;
    }
    var bytes = ByteBuffer.allocate(size);
    bytes
        .put(FORMAT)
        .putLong(at.logStartOffset())
        .putLong(at.localLogStartOffset())
        .putLong(at.tieredEndOffset())
        .putLong(at.visibleEndOffset())
        .putLong(at.lastStableOffset())
        .putLong(at.highWatermark())
        .putLong(at.logEndOffset())
        .putInt(at.leaderEpoch())
        .putInt(told.size());
    for (int i = 0; i < told.size(); i++) {
      put(bytes, told.get(i), keys.get(i));
    }
    return bytes.array();
  }

  /** Null for bytes that are no such thing. */
  public static ReadResult.@Nullable Cold decode(PartitionId id, byte[] encoded) {
    var bytes = ByteBuffer.wrap(encoded);
    try {
      if (bytes.get() != FORMAT) {
        return null;
      }
      var at =
          new PartitionSnapshot(
              id,
              UNTOLD,
              bytes.getLong(),
              bytes.getLong(),
              bytes.getLong(),
              bytes.getLong(),
              bytes.getLong(),
              bytes.getLong(),
              bytes.getLong(),
              bytes.getInt(),
              0,
              0);
      int count = bytes.getInt();
      if (count < 1 || count > MAX_REFERENCES) {
        return null;
      }
      var references = new ArrayList<ColdReference>(count);
      for (int i = 0; i < count; i++) {
        references.add(get(bytes, id));
      }
      return new ReadResult.Cold(at, List.copyOf(references));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return null;
    }
  }

  private static void put(ByteBuffer bytes, ColdReference reference, byte[] key) {
    var object = reference.object();
    bytes
        .putLong(object.log().uuid().getMostSignificantBits())
        .putLong(object.log().uuid().getLeastSignificantBits())
        .putLong(object.term())
        .putLong(object.baseLsn())
        .putLong(object.endLsn())
        .putLong(object.sizeBytes())
        .putInt(object.footerSizeBytes())
        .putInt(object.footerCrc())
        .putLong(reference.offsets().start())
        .putLong(reference.offsets().end())
        .putShort((short) key.length)
        .put(key);
  }

  private static ColdReference get(ByteBuffer bytes, PartitionId id) {
    var log = new LogId(new UUID(bytes.getLong(), bytes.getLong()));
    long term = bytes.getLong();
    long baseLsn = bytes.getLong();
    long endLsn = bytes.getLong();
    long sizeBytes = bytes.getLong();
    int footerSizeBytes = bytes.getInt();
    int footerCrc = bytes.getInt();
    var offsets = new OffsetRange(bytes.getLong(), bytes.getLong());
    var key = new byte[Short.toUnsignedInt(bytes.getShort())];
    bytes.get(key);
    return new ColdReference(
        new ColdObject(
            log,
            term,
            baseLsn,
            endLsn,
            new String(key, UTF_8),
            sizeBytes,
            footerSizeBytes,
            footerCrc),
        id,
        offsets);
  }
}
