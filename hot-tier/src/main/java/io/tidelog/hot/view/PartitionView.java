package io.tidelog.hot.view;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.DelayGate;
import io.tidelog.core.log.DelayGates;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.hot.format.ColdStretch;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.ImportedHistory;
import io.tidelog.hot.format.ImportedState;
import io.tidelog.hot.move.MoveStanding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One partition, as the frames applied so far leave it. Belongs to its {@link LogView}. */
public final class PartitionView {

  /** As {@link #highestForgottenProducer}: none was forgotten yet. */
  static final long NO_PRODUCER = -1;

  private final int ref;
  private final PartitionId id;
  private int baseEpoch;
  private PartitionConfig config;
  private long logStartOffset;
  private long nextOffset;
  private EpochHistory epochs = EpochHistory.EMPTY;
  private RunList runs = new RunList(0);
  private @Nullable DelayGate gate;

  /** Due time of the newest record of a delayed partition. */
  private long lastDueMs;

  private long highestForgottenProducer = NO_PRODUCER;

  private Stage stage = Stage.OPEN;

  /** Of the move that {@link #stage} is about; 0 while it is open. */
  private long moveEpoch;

  /** Of the move by which it came to this log; 0 where it was made. */
  private long cameBy;

  /** How it stands; the codes are stored, and never used again. */
  enum Stage {
    OPEN(0),
    CLOSED(1),
    IMPORTING(2),
    IMPORTED(3);

    final short code;

    Stage(int code) {
      this.code = (short) code;
    }

    static Stage of(short code) {
      for (var stage : values()) {
        if (stage.code == code) {
          return stage;
        }
      }
      throw new IllegalArgumentException("a partition that stands as " + code);
    }
  }

  PartitionView(int ref, PartitionId id, int baseEpoch, PartitionConfig config) {
    this.ref = ref;
    this.id = id;
    this.baseEpoch = baseEpoch;
    this.config = config;
  }

  /** A partition that begins to come in from another log. */
  static PartitionView arriving(Frame.ImportBegin begin, PartitionConfig config, ColdTable cold) {
    var partition = new PartitionView(begin.partitionRef(), begin.id(), 0, config);
    var history = begin.history();
    partition.stage = Stage.IMPORTING;
    partition.moveEpoch = begin.moveEpoch();
    partition.cameBy = begin.moveEpoch();
    partition.nextOffset = history.fromOffset();
    partition.runs = new RunList(history.startOffset());
    for (int i = 0; i < history.cold().size(); i++) {
      var stretch = history.cold().get(i);
      long segment = broughtSegment(begin.partitionRef(), i);
      var run = new long[RunList.LONGS_PER_RUN];
      run[RunList.SEGMENT] = segment;
      run[RunList.END_OFFSET] = stretch.offsets().end();
      run[RunList.MAX_TIMESTAMP] = stretch.maxTimestampMs();
      run[RunList.SIZE] = stretch.sizeBytes();
      run[RunList.RETAIN_FROM] = stretch.retainFromMs();
      partition.runs.restore(run);
      cold.onRunBegun(segment);
      cold.onBrought(segment, stretch.object());
    }
    return partition;
  }

  /**
   * Stands for a segment where a run is in an object that the partition brought along: below zero,
   * and so before every segment of this log; ascending in a partition, and never used again.
   */
  static long broughtSegment(int partitionRef, int index) {
    return Long.MIN_VALUE + ((long) partitionRef << Integer.SIZE) + index;
  }

  void onRecords(AppendedRecords records, FramePlace place, ColdTable cold, DelayGates gates) {
    if (records.baseOffset() != nextOffset || stage == Stage.CLOSED || stage == Stage.IMPORTED) {
      throw new Fault.Broken(
          "records of "
              + id
              + " at offset "
              + records.baseOffset()
              + ", expected "
              + nextOffset
              + " while "
              + standing());
    }
    if (stage == Stage.IMPORTING) {
      // What the end of the import tells holds; till then this is what is known.
      for (var batch : records.batches()) {
        epochs = epochs.with(batch.leaderEpoch(), batch.baseOffset());
      }
    } else {
      epochs = epochs.with(epochIn(records.term()), nextOffset);
    }
    long retainFromMs = stage == Stage.IMPORTING ? age(records) : onDelayed(records, gates);
    if (runs.onAppended(place.segmentBaseLsn(), records, retainFromMs)) {
      cold.onRunBegun(place.segmentBaseLsn());
    }
    nextOffset = records.endOffset();
  }

  /** When the records are due on a delayed partition; else how old they are, as Kafka counts. */
  private long onDelayed(AppendedRecords records, DelayGates gates) {
    if (gate == null && config.delayMs() == 0) {
      return age(records);
    }
    if (gate == null) {
      gate = gateFromHere(gates);
    }
    gate.onAppended(records.endOffset(), records.appendTimeMs(), records.sizeBytes());
    lastDueMs = Math.max(lastDueMs, records.appendTimeMs() + config.delayMs());
    return lastDueMs;
  }

  private static long age(AppendedRecords records) {
    return records.maxTimestampMs() >= 0 ? records.maxTimestampMs() : records.appendTimeMs();
  }

  private DelayGate gateFromHere(DelayGates gates) {
    if (nextOffset == 0) {
      return gates.create(config.delayMs());
    }
    // What was appended without a delay was due at once.
    var created = gates.create(0);
    created.onAppended(nextOffset, 0, 0);
    created.onDelayChanged(config.delayMs());
    return created;
  }

  void onConfigured(PartitionConfig newConfig) {
    if (stage != Stage.OPEN) {
      return; // what a move has told, or will be told, holds
    }
    if (gate != null && newConfig.delayMs() != config.delayMs()) {
      gate.onDelayChanged(newConfig.delayMs());
    }
    config = newConfig;
  }

  void onDeliverPending(long nowMs) {
    if (gate != null && stage == Stage.OPEN) {
      gate.onDeliverAll(nowMs);
      lastDueMs = Math.min(lastDueMs, nowMs);
    }
  }

  void onLogStart(long offset, ColdTable cold) {
    if (offset > nextOffset) {
      throw new Fault.Broken("log start " + offset + " of " + id + " is behind " + nextOffset);
    }
    if (stage == Stage.OPEN) { // a closed one stays as it was told
      moveLogStart(offset, cold);
    }
  }

  private void moveLogStart(long offset, ColdTable cold) {
    if (offset > logStartOffset) {
      logStartOffset = offset;
      epochs = epochs.from(offset);
      runs.dropBefore(offset, cold::onRunDropped);
    }
  }

  void onProducerForgotten(long producerId) {
    highestForgottenProducer = Math.max(highestForgottenProducer, producerId);
  }

  void onClosed(ColdTable cold) {
    runs.dropAll(cold::onRunDropped);
  }

  /** Whether it is in such a stage of this move; frames that say otherwise are passed over. */
  boolean isIn(Stage wanted, long epoch) {
    return stage == wanted && moveEpoch == epoch;
  }

  void onMoveClosed(long epoch) {
    if (stage == Stage.OPEN) {
      stage = Stage.CLOSED;
      moveEpoch = epoch;
    }
  }

  void onReopened() {
    stage = Stage.OPEN;
    moveEpoch = 0;
  }

  /** The import is at its end. */
  void onImported(
      ImportedState state, PartitionConfig newConfig, ColdTable cold, DelayGates gates) {
    if (state.logStartOffset() > nextOffset) {
      throw new Fault.Broken("log start " + state.logStartOffset() + " of " + id + " imported");
    }
    stage = Stage.IMPORTED;
    config = newConfig;
    lastDueMs = state.lastDueMs();
    highestForgottenProducer = state.highestForgottenProducer();
    epochs = EpochHistory.EMPTY;
    for (var epoch : state.epochs()) {
      epochs = epochs.with(epoch.epoch(), epoch.startOffset());
    }
    var saved = state.gate();
    if (saved != null) {
      gate = gates.restore(saved.duplicate());
      runs.raiseRetainFrom(lastDueMs);
    }
    moveLogStart(state.logStartOffset(), cold);
  }

  void onMoveOpened(int newBaseEpoch) {
    stage = Stage.OPEN;
    moveEpoch = 0;
    baseEpoch = newBaseEpoch;
  }

  /** What another log has to know of it first: all that is in the cold tier. */
  ImportedHistory history(ColdTable cold) {
    int tieredEnd = runs.firstIn(cold.coldEndLsn());
    List<ColdStretch> stretches = new ArrayList<>();
    for (int run = runs.first(); run < tieredEnd; run++) {
      var object = cold.find(runs.at(run, RunList.SEGMENT));
      if (object == null) {
        throw new Fault.Broken("a run of " + id + " is in no object");
      }
      stretches.add(
          new ColdStretch(
              object,
              new OffsetRange(runs.startOffsetOf(run), runs.at(run, RunList.END_OFFSET)),
              runs.at(run, RunList.MAX_TIMESTAMP),
              runs.at(run, RunList.SIZE),
              runs.at(run, RunList.RETAIN_FROM)));
    }
    long from = tieredEnd == runs.end() ? nextOffset : runs.startOffsetOf(tieredEnd);
    return new ImportedHistory(config, from, stretches);
  }

  /** The objects of a log that it is in, by what it brought along or offloaded here. */
  List<ColdObject> objectsOf(LogId log, ColdTable cold) {
    List<ColdObject> objects = new ArrayList<>();
    for (int run = runs.first(); run < runs.end(); run++) {
      var object = cold.find(runs.at(run, RunList.SEGMENT));
      if (object != null && object.log().equals(log)) {
        objects.add(object);
      }
    }
    return objects;
  }

  /** How it stands in a move. */
  public MoveStanding standing() {
    return switch (stage) {
      case OPEN -> new MoveStanding.Open();
      case CLOSED -> new MoveStanding.Closed(moveEpoch, nextOffset);
      case IMPORTING -> new MoveStanding.Importing(moveEpoch, nextOffset);
      case IMPORTED -> new MoveStanding.Imported(moveEpoch);
    };
  }

  /** Whether clients may append. */
  public boolean isOpen() {
    return stage == Stage.OPEN;
  }

  /** Whether clients may read: it is not about to come in from another log. */
  public boolean isShown() {
    return stage == Stage.OPEN || stage == Stage.CLOSED;
  }

  /** Of the move by which it came to this log; 0 where it was made. */
  public long cameBy() {
    return cameBy;
  }

  /** First offset whose records are in a segment from this one on, from where a batch begins. */
  public long firstBatchFrom(long segmentBaseLsn) {
    return runs.firstIn(segmentBaseLsn) == runs.end()
        ? nextOffset
        : runs.startOffsetFrom(segmentBaseLsn);
  }

  /** Bytes of the records from the offset on, about: a run counts by its share of offsets. */
  public long bytesBehind(long offset) {
    long bytes = 0;
    for (int run = runs.end() - 1; run >= runs.first(); run--) {
      long start = runs.startOffsetOf(run);
      long end = runs.at(run, RunList.END_OFFSET);
      if (end <= offset) {
        break;
      }
      long share = end - Math.max(start, offset);
      bytes += (long) ((double) runs.at(run, RunList.SIZE) * share / (end - start));
    }
    return bytes;
  }

  public int ref() {
    return ref;
  }

  public PartitionId id() {
    return id;
  }

  public int baseEpoch() {
    return baseEpoch;
  }

  public PartitionConfig config() {
    return config;
  }

  public long logStartOffset() {
    return logStartOffset;
  }

  /** Offset the next record gets; the high watermark, when the view is applied up to the commit. */
  public long nextOffset() {
    return nextOffset;
  }

  /** The epoch clients see in a term. */
  public int epochIn(long term) {
    return Math.toIntExact(baseEpoch + term);
  }

  public EpochHistory epochs() {
    return epochs;
  }

  /** As {@link EpochHistory#endOfEpoch} in a term. */
  public EpochEnd endOfEpoch(int epoch, long term, long logEndOffset) {
    return epochs.endOfEpoch(epoch, epochIn(term), logEndOffset);
  }

  /** The gate of a partition that has, or had, a delay and records appended since. */
  public @Nullable DelayGate gate() {
    return gate;
  }

  /** Due time of the newest record of a partition with a delay. */
  public long lastDueMs() {
    return lastDueMs;
  }

  /** First offset not yet due. */
  public long visibleEndOffset(long nowMs) {
    return gate == null
        ? nextOffset
        : Math.clamp(gate.visibleEndOffset(nowMs, nextOffset), logStartOffset, nextOffset);
  }

  /** First offset that is not in the cold tier. */
  public long tieredEndOffset(long coldEndLsn) {
    return runs.firstIn(coldEndLsn) == runs.end() ? nextOffset : runs.startOffsetFrom(coldEndLsn);
  }

  /** First offset in a segment from this one on, never before the log start. */
  public long startOffsetFrom(long segmentBaseLsn) {
    return runs.firstIn(segmentBaseLsn) == runs.end()
        ? nextOffset
        : Math.max(logStartOffset, runs.startOffsetFrom(segmentBaseLsn));
  }

  /** Bytes of the runs in segments from this one on. */
  public long bytesFrom(long segmentBaseLsn) {
    return runs.bytesFrom(segmentBaseLsn);
  }

  /** Bytes of all runs, in whichever tier, counted once. */
  public long totalBytes() {
    return runs.totalBytes();
  }

  /** The runs in segments before this one; they never change again when these are sealed. */
  public PublishedRuns runsBefore(long segmentBaseLsn) {
    return runs.published(segmentBaseLsn);
  }

  /** How many runs there are, oldest first. */
  public int runCount() {
    return runs.end() - runs.first();
  }

  /** Index of the first run in a segment from this one on, or {@link #runCount}. */
  public int firstRunIn(long segmentBaseLsn) {
    return runs.firstIn(segmentBaseLsn) - runs.first();
  }

  public long runEndOffset(int index) {
    return runs.at(runs.first() + index, RunList.END_OFFSET);
  }

  public long runSizeBytes(int index) {
    return runs.at(runs.first() + index, RunList.SIZE);
  }

  public long runSegmentBaseLsn(int index) {
    return runs.at(runs.first() + index, RunList.SEGMENT);
  }

  /** Retention of the run counts from here: its newest time stamp, or when it is due. */
  public long runRetainFromMs(int index) {
    return runs.at(runs.first() + index, RunList.RETAIN_FROM);
  }

  long highestForgottenProducer() {
    return highestForgottenProducer;
  }

  /**
   * Whether a producer that is not remembered may have been. Ids are given out in ascending order,
   * so whoever has a higher one than all that were forgotten is new.
   */
  public boolean mayHaveForgotten(long producerId) {
    return producerId <= highestForgottenProducer;
  }

  RunList runs() {
    return runs;
  }

  void restore(PartitionState state) {
    logStartOffset = state.logStartOffset();
    nextOffset = state.nextOffset();
    lastDueMs = state.lastDueMs();
    highestForgottenProducer = state.highestForgottenProducer();
    epochs = state.epochs();
    runs = state.runs();
    gate = state.gate();
  }

  void restore(Stage savedStage, long savedMoveEpoch, long savedCameBy) {
    stage = savedStage;
    moveEpoch = savedMoveEpoch;
    cameBy = savedCameBy;
  }

  Stage stage() {
    return stage;
  }

  long moveEpoch() {
    return moveEpoch;
  }

  /** The changing part of a partition, as a checkpoint holds it. */
  record PartitionState(
      long logStartOffset,
      long nextOffset,
      long lastDueMs,
      long highestForgottenProducer,
      EpochHistory epochs,
      RunList runs,
      @Nullable DelayGate gate) {}
}
