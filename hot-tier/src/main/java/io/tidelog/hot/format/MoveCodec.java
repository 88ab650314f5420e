package io.tidelog.hot.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidelog.core.OffsetRange;
import io.tidelog.hot.format.ImportedState.Batch;
import io.tidelog.hot.format.ImportedState.EpochStart;
import io.tidelog.hot.format.ImportedState.Producer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a moved partition brings with it, as bytes: in frames, and from the leader of one log to
 * that of another. Big-endian; see {@code docs/formats/segment-log.md}. Reading throws {@link
 * IllegalArgumentException} or {@link java.nio.BufferUnderflowException} for whatever is no such
 * thing, and makes no room for a number that was not checked.
 */
public final class MoveCodec {

  /** Batches remembered of a producer. */
  public static final int MAX_BATCHES = 5;

  private static final int STRETCH_BYTES = 5 * Long.BYTES;
  private static final int EPOCH_BYTES = Integer.BYTES + Long.BYTES;
  private static final int PRODUCER_BYTES = 3 * Long.BYTES + Short.BYTES + Byte.BYTES;
  private static final int BATCH_BYTES = Long.BYTES + 2 * Integer.BYTES;
  private static final int NO_GATE = -1;

  private MoveCodec() {}

  public static int sizeOf(ImportedHistory history) {
    int size = FrameCodec.CONFIG_BYTES + Long.BYTES + Integer.BYTES;
    for (var stretch : history.cold()) {
      size += STRETCH_BYTES + FrameCodec.coldObjectBytes(stretch.object());
    }
    return size;
  }

  public static void put(ImportedHistory history, ByteBuffer out) {
    FrameCodec.putConfig(out, history.config());
    out.putLong(history.fromOffset()).putInt(history.cold().size());
    for (var stretch : history.cold()) {
      FrameCodec.putColdObject(out, stretch.object());
      out.putLong(stretch.offsets().start()).putLong(stretch.offsets().end());
      out.putLong(stretch.maxTimestampMs()).putLong(stretch.sizeBytes());
      out.putLong(stretch.retainFromMs());
    }
  }

  public static ImportedHistory getHistory(ByteBuffer in) {
    var config = FrameCodec.getConfig(in);
    long fromOffset = in.getLong();
    int count = count(in, STRETCH_BYTES);
    List<ColdStretch> cold = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      var object = FrameCodec.getColdObject(in);
      var offsets = new OffsetRange(in.getLong(), in.getLong());
      cold.add(new ColdStretch(object, offsets, in.getLong(), in.getLong(), in.getLong()));
    }
    return new ImportedHistory(config, fromOffset, cold);
  }

  public static int sizeOf(ImportedState state) {
    int size = FrameCodec.CONFIG_BYTES + 3 * Long.BYTES + 3 * Integer.BYTES;
    size += state.epochs().size() * EPOCH_BYTES;
    for (var producer : state.producers()) {
      size += PRODUCER_BYTES + producer.batches().size() * BATCH_BYTES;
    }
    var gate = state.gate();
    return size + (gate == null ? 0 : gate.remaining());
  }

  public static void put(ImportedState state, ByteBuffer out) {
    FrameCodec.putConfig(out, state.config());
    out.putLong(state.logStartOffset()).putLong(state.lastDueMs());
    out.putLong(state.highestForgottenProducer());
    out.putInt(state.epochs().size());
    state.epochs().forEach(epoch -> out.putInt(epoch.epoch()).putLong(epoch.startOffset()));
    out.putInt(state.producers().size());
    for (var producer : state.producers()) {
      out.putLong(producer.producerId()).putShort(producer.epoch());
      out.putLong(producer.lastAppendTimeMs()).putLong(producer.lastTimestampMs());
      out.put((byte) producer.batches().size());
      for (var batch : producer.batches()) {
        out.putLong(batch.lastOffset()).putInt(batch.lastSequence());
        out.putInt(batch.lastOffsetDelta());
      }
    }
    var gate = state.gate();
    if (gate == null) {
      out.putInt(NO_GATE);
    } else {
      out.putInt(gate.remaining()).put(gate.duplicate());
    }
  }

  public static ImportedState getState(ByteBuffer in) {
    var config = FrameCodec.getConfig(in);
    long logStartOffset = in.getLong();
    long lastDueMs = in.getLong();
    long forgotten = in.getLong();
    int epochCount = count(in, EPOCH_BYTES);
    List<EpochStart> epochs = new ArrayList<>(epochCount);
    for (int i = 0; i < epochCount; i++) {
      epochs.add(new EpochStart(in.getInt(), in.getLong()));
    }
    int producerCount = count(in, PRODUCER_BYTES);
    List<Producer> producers = new ArrayList<>(producerCount);
    for (int i = 0; i < producerCount; i++) {
      producers.add(getProducer(in));
    }
    return new ImportedState(
        config, logStartOffset, lastDueMs, forgotten, epochs, producers, getGate(in));
  }

  private static Producer getProducer(ByteBuffer in) {
    long producerId = in.getLong();
    short epoch = in.getShort();
    long lastAppendTimeMs = in.getLong();
    long lastTimestampMs = in.getLong();
    int count = in.get();
    if (count < 1 || count > MAX_BATCHES) {
      throw new IllegalArgumentException("a producer with " + count + " batches");
    }
    List<Batch> batches = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      batches.add(new Batch(in.getLong(), in.getInt(), in.getInt()));
    }
    return new Producer(producerId, epoch, lastAppendTimeMs, lastTimestampMs, batches);
  }

  private static @Nullable ByteBuffer getGate(ByteBuffer in) {
    int size = in.getInt();
    if (size == NO_GATE) {
      return null;
    }
    if (size < 0 || size > in.remaining()) {
      throw new IllegalArgumentException("a delay gate of " + size + " bytes");
    }
    var gate = new byte[size];
    in.get(gate);
    return ByteBuffer.wrap(gate).asReadOnlyBuffer();
  }

  /** Of things that take at least so many bytes each. */
  static int count(ByteBuffer in, int leastBytes) {
    int count = in.getInt();
    if (count < 0 || (long) count * leastBytes > in.remaining()) {
      throw new IllegalArgumentException(count + " entries in " + in.remaining() + " bytes");
    }
    return count;
  }

  static int keyBytes(String key) {
    return key.getBytes(UTF_8).length;
  }
}
