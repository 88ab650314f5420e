package io.tidelog.hot.view;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.DelayGate;
import io.tidelog.core.log.PartitionConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link LogView} as it was at one LSN. Its lane takes it in a small part of the time that saving
 * takes, because what never changes is shared; immutable, so that another thread may save it.
 */
public final class ViewSnapshot {

  /** The parts of a partition that a checkpoint holds. */
  record Partition(
      int ref,
      PartitionId id,
      int baseEpoch,
      PartitionView.Stage stage,
      long moveEpoch,
      long cameBy,
      PartitionConfig config,
      long logStartOffset,
      long nextOffset,
      long lastDueMs,
      long highestForgottenProducer,
      EpochHistory epochs,
      RunList.Frozen runs,
      @Nullable ByteBuffer gate) {}

  /** A producer in a partition. */
  record Producer(ProducerKey key, ProducerState state) {}

  private final LogId log;
  private final long appliedLsn;
  private final long term;
  private final TermHistory terms;
  private final long lastAppendTimeMs;
  private final int nextPartitionRef;
  private final List<Partition> partitions;
  private final List<Producer> producers;
  private final CoveredSegments covered;

  private ViewSnapshot(LogView view, boolean withGates) {
    this.log = view.log();
    this.appliedLsn = view.appliedLsn();
    this.term = view.term();
    this.terms = view.terms();
    this.lastAppendTimeMs = view.lastAppendTimeMs();
    this.nextPartitionRef = view.nextPartitionRef();
    this.partitions = new ArrayList<>(view.partitions().size());
    for (var partition : view.partitions()) {
      partitions.add(partition(partition, withGates ? partition.gate() : null));
    }
    this.producers = new ArrayList<>(view.producers().count());
    view.producers().forEach((key, state) -> producers.add(new Producer(key, state)));
    this.covered = view.coveredSegments();
  }

  /** Lane. */
  public static ViewSnapshot of(LogView view) {
    return new ViewSnapshot(view, true);
  }

  /** Without what delay gates remember of the time, which is no function of the log. */
  static ViewSnapshot ofFrames(LogView view) {
    return new ViewSnapshot(view, false);
  }

  private static Partition partition(PartitionView partition, @Nullable DelayGate gate) {
    return new Partition(
        partition.ref(),
        partition.id(),
        partition.baseEpoch(),
        partition.stage(),
        partition.moveEpoch(),
        partition.cameBy(),
        partition.config(),
        partition.logStartOffset(),
        partition.nextOffset(),
        partition.lastDueMs(),
        partition.highestForgottenProducer(),
        partition.epochs(),
        partition.runs().frozen(),
        gate == null ? null : gate.save());
  }

  public LogId log() {
    return log;
  }

  /** Every frame below it is in the snapshot, and none from it on. */
  public long appliedLsn() {
    return appliedLsn;
  }

  long term() {
    return term;
  }

  TermHistory terms() {
    return terms;
  }

  long lastAppendTimeMs() {
    return lastAppendTimeMs;
  }

  int nextPartitionRef() {
    return nextPartitionRef;
  }

  List<Partition> partitions() {
    return partitions;
  }

  /** The one silent longest first. */
  List<Producer> producers() {
    return producers;
  }

  CoveredSegments covered() {
    return covered;
  }
}
