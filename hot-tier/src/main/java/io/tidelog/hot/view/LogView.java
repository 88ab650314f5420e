package io.tidelog.hot.view;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.DelayGates;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.format.ImportedHistory;
import io.tidelog.hot.format.ImportedState;
import io.tidelog.hot.view.PartitionView.Stage;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All partitions of one log, as its frames up to {@link #appliedLsn} leave them. The same frames
 * give the same view, hash included, on every replica and after every restart. Belongs to the log's
 * lane; applied up to the commit LSN and never beyond it.
 */
public final class LogView {

  private final LogId log;
  private final DelayGates gates;

  /** In the order of opening, which is the order of references. */
  private final LinkedHashMap<Integer, PartitionView> byRef = new LinkedHashMap<>();

  private final Map<PartitionId, PartitionView> byId = new HashMap<>();

  /** Most partitions have the same settings as another one, and share them. */
  private final Map<PartitionConfig, PartitionConfig> configs = new HashMap<>();

  /** Those that are not open, by reference. */
  private final TreeMap<Integer, PartitionView> moving = new TreeMap<>();

  private final ColdTable cold = new ColdTable();
  private final ProducerTable producers;
  private long appliedLsn;
  private long term;
  private TermHistory terms = TermHistory.EMPTY;
  private long lastAppendTimeMs;
  private int nextPartitionRef;

  public LogView(LogId log, ProducerLimits limits, DelayGates gates) {
    this.log = log;
    this.gates = gates;
    this.producers = new ProducerTable(limits);
  }

  /**
   * Applies the next frame of the log; borrows it.
   *
   * @throws Fault.Broken when it cannot follow what was applied before: damage, or a bug
   */
  public void apply(Frame frame, FramePlace place) {
    begin(frame.term(), frame.appendTimeMs(), place);
    switch (frame) {
      case Frame.RecordsFrame f -> applyRecords(parse(f), place);
      case Frame.PartitionOpen f -> open(f);
      case Frame.PartitionConfigure f -> partition(f).onConfigured(shared(f.config()));
      case Frame.DeliverPending f -> partition(f).onDeliverPending(f.appendTimeMs());
      case Frame.LogStart f -> partition(f).onLogStart(f.logStartOffset(), cold);
      case Frame.PartitionClose f -> close(f);
      case Frame.ColdCommit f -> commit(f.object());
      case Frame.TermStart f -> startTerm(f, place);
      case Frame.GroupStart f -> {}
      case Frame.ViewHash f -> {}
      case Frame.ImportBegin f -> beginImport(f);
      case Frame.ImportEnd f -> endImport(f);
      case Frame.MoveOpen f -> openMoved(f);
      case Frame.MoveStep f -> step(f);
      case Frame.MoveNeeds f -> cold.retainKept(f.id(), f.moveEpoch(), f.baseLsns());
    }
    appliedLsn = place.endLsn();
  }

  /** As {@link #apply} of a records frame whose headers were read before. */
  public void apply(AppendedRecords records, FramePlace place) {
    begin(records.term(), records.appendTimeMs(), place);
    applyRecords(records, place);
    appliedLsn = place.endLsn();
  }

  private void begin(long frameTerm, long appendTimeMs, FramePlace place) {
    if (place.lsn() < appliedLsn) {
      throw new Fault.Broken("frame at " + place.lsn() + ", applied up to " + appliedLsn);
    }
    if (frameTerm < term) {
      throw new Fault.Broken("frame of term " + frameTerm + " in term " + term);
    }
    if (appendTimeMs < lastAppendTimeMs) {
      throw new Fault.Broken("append time " + appendTimeMs + " after " + lastAppendTimeMs);
    }
    lastAppendTimeMs = appendTimeMs;
  }

  private static AppendedRecords parse(Frame.RecordsFrame frame) {
    try {
      return AppendedRecords.of(frame);
    } catch (IllegalArgumentException e) {
      throw new Fault.Broken("a records frame is unsound: " + e.getMessage(), e);
    }
  }

  private void applyRecords(AppendedRecords records, FramePlace place) {
    var partition = partition(records.partitionRef());
    partition.onRecords(records, place, cold, gates);
    if (!partition.isOpen()) {
      return; // producers come with the end of the import
    }
    for (var batch : records.batches()) {
      if (batch.hasProducerId() && batch.baseSequence() >= 0) {
        producers.onAppended(
            records.partitionRef(), batch, records.appendTimeMs(), this::onProducerForgotten);
      }
    }
  }

  private void onProducerForgotten(ProducerKey key) {
    var partition = byRef.get(key.partitionRef());
    if (partition != null) {
      partition.onProducerForgotten(key.producerId());
    }
  }

  private void open(Frame.PartitionOpen open) {
    if (open.partitionRef() < nextPartitionRef || byId.containsKey(open.id())) {
      throw new Fault.Broken("opened again: " + open.id() + " as " + open.partitionRef());
    }
    add(new PartitionView(open.partitionRef(), open.id(), open.baseEpoch(), shared(open.config())));
    nextPartitionRef = open.partitionRef() + 1;
  }

  /** Passed over when the partition is here. */
  private void beginImport(Frame.ImportBegin begin) {
    if (begin.partitionRef() < nextPartitionRef) {
      throw new Fault.Broken("imported again: " + begin.id() + " as " + begin.partitionRef());
    }
    nextPartitionRef = begin.partitionRef() + 1;
    if (!byId.containsKey(begin.id())) {
      add(PartitionView.arriving(begin, shared(begin.history().config()), cold));
    }
  }

  // A frame of a move means nothing to a partition that stands otherwise, or is gone.

  private void endImport(Frame.ImportEnd end) {
    var partition = byRef.get(end.partitionRef());
    if (partition != null && partition.isIn(Stage.IMPORTING, end.moveEpoch())) {
      partition.onImported(end.state(), shared(end.state().config()), cold, gates);
      producers.onImported(partition.ref(), end.state().producers(), this::onProducerForgotten);
    }
  }

  private void openMoved(Frame.MoveOpen open) {
    var partition = byRef.get(open.partitionRef());
    if (partition != null && partition.isIn(Stage.IMPORTED, open.moveEpoch())) {
      partition.onMoveOpened(open.baseEpoch());
      moving.remove(partition.ref());
    }
  }

  private void step(Frame.MoveStep step) {
    var partition = byRef.get(step.partitionRef());
    if (partition == null) {
      return;
    }
    long epoch = step.moveEpoch();
    switch (step.step()) {
      case CLOSE -> {
        partition.onMoveClosed(epoch);
        moving.put(partition.ref(), partition);
      }
      case REOPEN -> {
        if (partition.isIn(Stage.CLOSED, epoch)) {
          partition.onReopened();
          moving.remove(partition.ref());
        }
      }
      case RELEASE -> {
        if (partition.isIn(Stage.CLOSED, epoch)) {
          keepObjects(partition, epoch);
          forget(partition);
        }
      }
      case DROP -> {
        if (partition.isIn(Stage.IMPORTING, epoch) || partition.isIn(Stage.IMPORTED, epoch)) {
          forget(partition);
        }
      }
    }
  }

  private void keepObjects(PartitionView partition, long epoch) {
    var kept =
        partition.objectsOf(log, cold).stream()
            .map(object -> new KeptObjects.Kept(object.baseLsn(), object.key()))
            .sorted(Comparator.comparingLong(KeptObjects.Kept::baseLsn))
            .toList();
    cold.keep(new KeptObjects(partition.id(), epoch, kept));
  }

  private PartitionConfig shared(PartitionConfig config) {
    if (configs.size() > MAX_SHARED_CONFIGS) {
      configs.clear();
    }
    var known = configs.putIfAbsent(config, config);
    return known == null ? config : known;
  }

  private static final int MAX_SHARED_CONFIGS = 1_000;

  private void close(Frame.PartitionClose close) {
    forget(partition(close));
  }

  private void forget(PartitionView partition) {
    partition.onClosed(cold);
    byRef.remove(partition.ref());
    byId.remove(partition.id());
    moving.remove(partition.ref());
  }

  private void commit(ColdObject object) {
    if (!object.log().equals(log)) {
      throw new Fault.Broken("an object of log " + object.log() + " in log " + log);
    }
    cold.onCommitted(object);
  }

  private void startTerm(Frame.TermStart start, FramePlace place) {
    if (start.formatLevel() > FrameFormat.LEVEL) {
      throw new Fault.Broken(
          "log format level " + start.formatLevel() + ", this version knows " + FrameFormat.LEVEL);
    }
    if (start.term() == term) {
      throw new Fault.Broken("term " + term + " starts again");
    }
    term = start.term();
    terms = terms.with(term, place.groupLsnOfFirst());
  }

  private PartitionView partition(Frame frame) {
    return partition(frame.partitionRef());
  }

  private PartitionView partition(int ref) {
    var partition = byRef.get(ref);
    if (partition == null) {
      throw new Fault.Broken("a frame for partition " + ref + ", which is not open");
    }
    return partition;
  }

  void add(PartitionView partition) {
    byRef.put(partition.ref(), partition);
    byId.put(partition.id(), partition);
    if (!partition.isOpen()) {
      moving.put(partition.ref(), partition);
    }
  }

  public LogId log() {
    return log;
  }

  /** Behind the last frame applied. */
  public long appliedLsn() {
    return appliedLsn;
  }

  /** The newest term that started; 0 before the first. */
  public long term() {
    return term;
  }

  /** Where each term began, up to what is applied. */
  public TermHistory terms() {
    return terms;
  }

  public long lastAppendTimeMs() {
    return lastAppendTimeMs;
  }

  /** No partition was ever opened under this number or a higher one. */
  public int nextPartitionRef() {
    return nextPartitionRef;
  }

  public @Nullable PartitionView find(PartitionId id) {
    return byId.get(id);
  }

  public @Nullable PartitionView find(int partitionRef) {
    return byRef.get(partitionRef);
  }

  /** In the order of opening. */
  public Collection<PartitionView> partitions() {
    return Collections.unmodifiableCollection(byRef.values());
  }

  /** Those that are on their way to or from another log. */
  public Collection<PartitionView> moving() {
    return Collections.unmodifiableCollection(moving.values());
  }

  /** What another log has to know first of a partition that is to move there. */
  public ImportedHistory history(PartitionView partition) {
    return partition.history(cold);
  }

  /** What another log has to know last of a partition that is closed. */
  public ImportedState state(PartitionView partition) {
    var gate = partition.gate();
    return new ImportedState(
        partition.config(),
        partition.logStartOffset(),
        partition.lastDueMs(),
        partition.highestForgottenProducer(),
        partition.epochs().starts(),
        producers.saved(partition.ref()),
        gate == null ? null : gate.save());
  }

  /** The objects of a log that a partition is in. */
  public List<ColdObject> objectsOf(LogId of, PartitionView partition) {
    return partition.objectsOf(of, cold);
  }

  public ProducerTable producers() {
    return producers;
  }

  /**
   * Every wanted record in a segment below this is in the cold tier; {@link Long#MAX_VALUE} when
   * every wanted record is.
   */
  public long coldEndLsn() {
    return cold.coldEndLsn();
  }

  /** Moves whenever an object is committed, and with it the tiered end of partitions. */
  public long coldCommits() {
    return cold.commits();
  }

  /** Whether the segment holds a wanted record that is not in the cold tier. */
  public boolean needsOffload(long segmentBaseLsn) {
    return cold.needsOffload(segmentBaseLsn);
  }

  /** The cold objects that some partition still needs, for readers. */
  public CoveredSegments coveredSegments() {
    return cold.published();
  }

  /** A stable hash of the whole view: equal on replicas that applied the same frames. */
  public long hash() {
    return LogViewCodec.hash(this);
  }

  ColdTable cold() {
    return cold;
  }

  DelayGates gates() {
    return gates;
  }

  PartitionConfig sharedConfig(PartitionConfig config) {
    return shared(config);
  }

  void restore(long atLsn, long atTerm, long atTimeMs, int nextRef) {
    appliedLsn = atLsn;
    term = atTerm;
    lastAppendTimeMs = atTimeMs;
    nextPartitionRef = nextRef;
  }

  void restore(TermHistory saved) {
    terms = saved;
  }
}
