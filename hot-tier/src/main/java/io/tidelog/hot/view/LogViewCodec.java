package io.tidelog.hot.view;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.DelayGate;
import io.tidelog.core.log.DelayGates;
import io.tidelog.core.log.PartitionConfig;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A {@link LogView} as bytes, for a checkpoint file and for the view hash. Big-endian, in the order
 * of opening and of last append, so that equal views give equal bytes. The checkpoint file adds the
 * checksum.
 */
public final class LogViewCodec {

  /** Raised when the layout changes; a reader refuses a higher one. */
  public static final int LEVEL = 4;

  /** Before it, a view did not remember where terms began. */
  private static final int LEVEL_WITH_TERMS = 2;

  /** Before it, a view did not remember which producers it had forgotten. */
  private static final int LEVEL_WITH_FORGOTTEN = 3;

  /** Before it, a view knew of no moves of partitions. */
  private static final int LEVEL_WITH_MOVES = 4;

  private LogViewCodec() {}

  /** Gives a buffer from position to limit. */
  public static ByteBuffer save(LogView view) {
    return save(ViewSnapshot.of(view));
  }

  /** As {@link #save(LogView)}, of a view that goes on; any thread. */
  public static ByteBuffer save(ViewSnapshot view) {
    var out = new GrowingBuffer();
    out.put(LEVEL);
    saveUuid(view.log().uuid(), out);
    out.put(view.appliedLsn()).put(view.term()).put(view.lastAppendTimeMs());
    out.put(view.nextPartitionRef());
    saveTerms(view.terms(), out);
    out.put(view.partitions().size());
    view.partitions().forEach(partition -> savePartition(partition, out));
    out.put(view.producers().size());
    view.producers().forEach(producer -> saveProducer(producer.key(), producer.state(), out));
    var covered = view.covered();
    out.put(covered.count());
    for (int i = 0; i < covered.count(); i++) {
      out.put(covered.segmentAt(i));
      saveObject(covered.objectAt(i), out);
    }
    out.put(covered.kept().size());
    covered.kept().forEach(kept -> saveKept(kept, out));
    return out.flip();
  }

  private static void saveTerms(TermHistory terms, GrowingBuffer out) {
    out.put(terms.count());
    for (int i = 0; i < terms.count(); i++) {
      out.put(terms.termAt(i)).put(terms.startLsnAt(i));
    }
  }

  private static void savePartition(ViewSnapshot.Partition partition, GrowingBuffer out) {
    out.put(partition.ref());
    savePartitionId(partition.id(), out);
    out.put(partition.baseEpoch());
    out.put(partition.stage().code).put(partition.moveEpoch()).put(partition.cameBy());
    saveConfig(partition.config(), out);
    out.put(partition.logStartOffset()).put(partition.nextOffset()).put(partition.lastDueMs());
    out.put(partition.highestForgottenProducer());
    var epochs = partition.epochs();
    out.put(epochs.count());
    for (int i = 0; i < epochs.count(); i++) {
      out.put(epochs.epochAt(i)).put(epochs.startOffsetAt(i));
    }
    var runs = partition.runs();
    out.put(runs.startOffset()).put(runs.count());
    for (int run = 0; run < runs.count(); run++) {
      for (int field = 0; field < RunList.LONGS_PER_RUN; field++) {
        out.put(runs.at(run, field));
      }
    }
    var gate = partition.gate();
    if (gate == null) {
      out.put(-1);
    } else {
      out.put(gate.remaining()).put(gate);
    }
  }

  private static void saveConfig(PartitionConfig config, GrowingBuffer out) {
    out.put(config.retentionMs()).put(config.retentionBytes());
    out.put(config.localRetentionMs()).put(config.localRetentionBytes());
    out.put(config.compacted()).put(config.deleted());
    out.put(config.delayMs()).put(config.delayMaxPendingBytes());
  }

  private static void saveProducer(ProducerKey key, ProducerState state, GrowingBuffer out) {
    out.put(key.partitionRef()).put(key.producerId()).put(state.epoch());
    out.put(state.lastAppendTimeMs()).put(state.lastTimestampMs());
    out.put(state.batches().length);
    for (long part : state.batches()) {
      out.put(part);
    }
  }

  private static void savePartitionId(PartitionId id, GrowingBuffer out) {
    saveUuid(id.topicId(), out);
    out.put(id.partition());
  }

  private static void saveKept(KeptObjects kept, GrowingBuffer out) {
    savePartitionId(kept.partition(), out);
    out.put(kept.moveEpoch()).put(kept.objects().size());
    for (var object : kept.objects()) {
      out.put(object.baseLsn());
      saveKey(object.key(), out);
    }
  }

  private static void saveObject(ColdObject object, GrowingBuffer out) {
    saveUuid(object.log().uuid(), out);
    out.put(object.term()).put(object.baseLsn()).put(object.endLsn()).put(object.sizeBytes());
    out.put(object.footerSizeBytes()).put(object.footerCrc());
    saveKey(object.key(), out);
  }

  private static void saveKey(String text, GrowingBuffer out) {
    var key = UTF_8.encode(text);
    out.put(key.remaining()).put(key);
  }

  private static void saveUuid(UUID uuid, GrowingBuffer out) {
    out.put(uuid.getMostSignificantBits()).put(uuid.getLeastSignificantBits());
  }

  /**
   * Reads what {@link #save} wrote; borrows the buffer.
   *
   * @throws Fault.Broken when it is another log's, of a higher level, or no view at all
   */
  public static LogView restore(
      ByteBuffer saved, LogId log, ProducerLimits limits, DelayGates gates) {
    try {
      return restoreFrom(saved.duplicate(), log, limits, gates);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new Fault.Broken("a checkpoint is unsound: " + e, e);
    }
  }

  private static LogView restoreFrom(
      ByteBuffer in, LogId log, ProducerLimits limits, DelayGates gates) {
    int level = in.getInt();
    if (level > LEVEL) {
      throw new Fault.Broken("checkpoint level " + level + ", this version knows " + LEVEL);
    }
    var savedLog = new LogId(new UUID(in.getLong(), in.getLong()));
    if (!savedLog.equals(log)) {
      throw new Fault.Broken("a checkpoint of log " + savedLog + ", expected was " + log);
    }
    var view = new LogView(log, limits, gates);
    view.restore(in.getLong(), in.getLong(), in.getLong(), in.getInt());
    if (level >= LEVEL_WITH_TERMS) {
      view.restore(restoreTerms(in));
    }
    int partitions = in.getInt();
    for (int i = 0; i < partitions; i++) {
      restorePartition(in, level, view);
    }
    int producers = in.getInt();
    for (int i = 0; i < producers; i++) {
      restoreProducer(in, view.producers());
    }
    int objects = in.getInt();
    for (int i = 0; i < objects; i++) {
      restoreCovered(in, view, level);
    }
    if (level >= LEVEL_WITH_MOVES) {
      int kept = in.getInt();
      for (int i = 0; i < kept; i++) {
        view.cold().keep(restoreKept(in));
      }
    }
    return view;
  }

  private static TermHistory restoreTerms(ByteBuffer in) {
    var terms = TermHistory.EMPTY;
    int count = in.getInt();
    for (int i = 0; i < count; i++) {
      terms = terms.with(in.getLong(), in.getLong());
    }
    return terms;
  }

  private static void restorePartition(ByteBuffer in, int level, LogView view) {
    int ref = in.getInt();
    var id = restorePartitionId(in);
    int baseEpoch = in.getInt();
    var stage = PartitionView.Stage.OPEN;
    long moveEpoch = 0;
    long cameBy = 0;
    if (level >= LEVEL_WITH_MOVES) {
      stage = PartitionView.Stage.of(in.getShort());
      moveEpoch = in.getLong();
      cameBy = in.getLong();
    }
    var config = view.sharedConfig(restoreConfig(in));
    var partition = new PartitionView(ref, id, baseEpoch, config);
    long logStartOffset = in.getLong();
    long nextOffset = in.getLong();
    long lastDueMs = in.getLong();
    long forgotten = level >= LEVEL_WITH_FORGOTTEN ? in.getLong() : Long.MAX_VALUE;
    var epochs = EpochHistory.EMPTY;
    int epochCount = in.getInt();
    for (int i = 0; i < epochCount; i++) {
      epochs = epochs.with(in.getInt(), in.getLong());
    }
    var runs = new RunList(in.getLong());
    int runCount = in.getInt();
    var run = new long[RunList.LONGS_PER_RUN];
    for (int i = 0; i < runCount; i++) {
      for (int field = 0; field < run.length; field++) {
        run[field] = in.getLong();
      }
      runs.restore(run);
      view.cold().onRunBegun(run[RunList.SEGMENT]);
    }
    partition.restore(
        new PartitionView.PartitionState(
            logStartOffset,
            nextOffset,
            lastDueMs,
            forgotten,
            epochs,
            runs,
            restoreGate(in, view.gates())));
    partition.restore(stage, moveEpoch, cameBy);
    view.add(partition);
  }

  private static PartitionId restorePartitionId(ByteBuffer in) {
    return new PartitionId(new UUID(in.getLong(), in.getLong()), in.getInt());
  }

  private static @Nullable DelayGate restoreGate(ByteBuffer in, DelayGates gates) {
    int size = in.getInt();
    if (size < 0) {
      return null;
    }
    var saved = in.slice(in.position(), size);
    in.position(in.position() + size);
    return gates.restore(saved);
  }

  private static PartitionConfig restoreConfig(ByteBuffer in) {
    return new PartitionConfig(
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.get() != 0,
        in.get() != 0,
        in.getLong(),
        in.getLong());
  }

  private static void restoreProducer(ByteBuffer in, ProducerTable producers) {
    var key = new ProducerKey(in.getInt(), in.getLong());
    short epoch = in.getShort();
    long lastAppendTimeMs = in.getLong();
    long lastTimestampMs = in.getLong();
    int longs = in.getInt();
    if (longs < 0 || longs > 2 * ProducerState.MAX_BATCHES) {
      throw new IllegalArgumentException("a producer with " + longs + " numbers");
    }
    var batches = new long[longs];
    for (int i = 0; i < longs; i++) {
      batches[i] = in.getLong();
    }
    producers.restore(key, new ProducerState(epoch, lastAppendTimeMs, lastTimestampMs, batches));
  }

  private static void restoreCovered(ByteBuffer in, LogView view, int level) {
    if (level < LEVEL_WITH_MOVES) {
      view.cold().onCommitted(restoreObject(in, view.log()));
      return;
    }
    long segment = in.getLong();
    var object = restoreObject(in, new LogId(new UUID(in.getLong(), in.getLong())));
    if (segment < 0) {
      view.cold().onBrought(segment, object);
    } else {
      view.cold().onCommitted(object);
    }
  }

  private static ColdObject restoreObject(ByteBuffer in, LogId log) {
    long term = in.getLong();
    long baseLsn = in.getLong();
    long endLsn = in.getLong();
    long sizeBytes = in.getLong();
    int footerSizeBytes = in.getInt();
    int footerCrc = in.getInt();
    var key = restoreKey(in);
    return new ColdObject(log, term, baseLsn, endLsn, key, sizeBytes, footerSizeBytes, footerCrc);
  }

  private static String restoreKey(ByteBuffer in) {
    int keyBytes = in.getInt();
    if (keyBytes < 0 || keyBytes > in.remaining()) {
      throw new IllegalArgumentException("an object key of " + keyBytes + " bytes");
    }
    var key = new byte[keyBytes];
    in.get(key);
    return new String(key, UTF_8);
  }

  private static KeptObjects restoreKept(ByteBuffer in) {
    var id = restorePartitionId(in);
    long moveEpoch = in.getLong();
    int count = in.getInt();
    List<KeptObjects.Kept> objects = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      objects.add(new KeptObjects.Kept(in.getLong(), restoreKey(in)));
    }
    return new KeptObjects(id, moveEpoch, objects);
  }

  /** A hash of all that is a function of the log's frames. */
  static long hash(LogView view) {
    return hash(save(ViewSnapshot.ofFrames(view)));
  }

  /** Mixes eight bytes at a time with the finaliser of MurmurHash3 (Appleby, public domain). */
  private static long hash(ByteBuffer bytes) {
    var in = bytes.duplicate();
    long hash = in.remaining();
    while (in.remaining() >= Long.BYTES) {
      hash = mix(hash ^ in.getLong());
    }
    while (in.hasRemaining()) {
      hash = mix(hash ^ in.get());
    }
    return hash;
  }

  private static long mix(long value) {
    long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }
}
