package io.tidelog.hot.view;

import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.DelayGate;
import io.tidelog.core.log.DelayGates;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.PartitionConfig;
import org.jspecify.annotations.Nullable;

/** One partition, as the frames applied so far leave it. Belongs to its {@link LogView}. */
public final class PartitionView {

  /** As {@link #highestForgottenProducer}: none was forgotten yet. */
  static final long NO_PRODUCER = -1;

  private final int ref;
  private final PartitionId id;
  private final int baseEpoch;
  private PartitionConfig config;
  private long logStartOffset;
  private long nextOffset;
  private EpochHistory epochs = EpochHistory.EMPTY;
  private RunList runs = new RunList(0);
  private @Nullable DelayGate gate;

  /** Due time of the newest record of a delayed partition. */
  private long lastDueMs;

  private long highestForgottenProducer = NO_PRODUCER;

  PartitionView(int ref, PartitionId id, int baseEpoch, PartitionConfig config) {
    this.ref = ref;
    this.id = id;
    this.baseEpoch = baseEpoch;
    this.config = config;
  }

  void onRecords(AppendedRecords records, FramePlace place, ColdTable cold, DelayGates gates) {
    if (records.baseOffset() != nextOffset) {
      throw new Fault.Broken(
          "records of " + id + " at offset " + records.baseOffset() + ", expected " + nextOffset);
    }
    epochs = epochs.with(epochIn(records.term()), nextOffset);
    long retainFromMs = onDelayed(records, gates);
    if (runs.onAppended(place.segmentBaseLsn(), records, retainFromMs)) {
      cold.onRunBegun(place.segmentBaseLsn());
    }
    nextOffset = records.endOffset();
  }

  /** When the records are due on a delayed partition; else how old they are, as Kafka counts. */
  private long onDelayed(AppendedRecords records, DelayGates gates) {
    if (gate == null && config.delayMs() == 0) {
      return records.maxTimestampMs() >= 0 ? records.maxTimestampMs() : records.appendTimeMs();
    }
    if (gate == null) {
      gate = gateFromHere(gates);
    }
    gate.onAppended(records.endOffset(), records.appendTimeMs(), records.sizeBytes());
    lastDueMs = Math.max(lastDueMs, records.appendTimeMs() + config.delayMs());
    return lastDueMs;
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
    if (gate != null && newConfig.delayMs() != config.delayMs()) {
      gate.onDelayChanged(newConfig.delayMs());
    }
    config = newConfig;
  }

  void onDeliverPending(long nowMs) {
    if (gate != null) {
      gate.onDeliverAll(nowMs);
      lastDueMs = Math.min(lastDueMs, nowMs);
    }
  }

  void onLogStart(long offset, ColdTable cold) {
    if (offset > nextOffset) {
      throw new Fault.Broken("log start " + offset + " of " + id + " is behind " + nextOffset);
    }
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
