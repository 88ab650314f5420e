package io.tidelog.hot.leader;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.Frame.MoveStep.Step;
import io.tidelog.hot.format.FrameCodec;
import io.tidelog.hot.format.ImportedHistory;
import io.tidelog.hot.format.ImportedState;
import io.tidelog.hot.move.MoveStanding;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.PartitionView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * Decides what the leader of a log writes of partitions that move to or from it. Part of its {@link
 * LogLeader}: frames of a move that are given out and not committed yet stop all else that concerns
 * the partition.
 */
public final class MoveLeader {

  private final LogView view;
  private final LeaderLimits limits;
  private final IntSupplier nextPartitionRef;

  /** Partitions, by reference, with a step given out and not committed. */
  private final Set<Integer> stepping = new HashSet<>();

  /** Partitions, by reference, with records given out that come from another log. */
  private final Set<Integer> importing = new HashSet<>();

  /** Those whose import is begun by a frame that is not committed. */
  private final Set<PartitionId> arriving = new HashSet<>();

  /**
   * Those that left in this term, the oldest first: who reconciles by an older picture must not
   * open them here anew. There are no pictures so old that more than some of them matter.
   */
  private final LinkedHashSet<PartitionId> left = new LinkedHashSet<>();

  private static final int MAX_LEFT = 1_000;

  MoveLeader(LogView view, LeaderLimits limits, IntSupplier nextPartitionRef) {
    this.view = view;
    this.limits = limits;
    this.nextPartitionRef = nextPartitionRef;
  }

  /** Whether clients may append to it, with everything counted that was given out. */
  boolean isOpen(PartitionView partition) {
    return partition.isOpen() && !stepping.contains(partition.ref());
  }

  /** Whether its move alone may say what becomes of a partition that is not in the view. */
  boolean isMoves(PartitionId id) {
    return arriving.contains(id) || left.contains(id);
  }

  /** Begins an import, under a new reference. */
  public ControlDecision decideBegin(PartitionId id, long epoch, ImportedHistory history) {
    if (view.find(id) != null || arriving.contains(id)) {
      return otherwise(id);
    }
    var frame = new Frame.ImportBegin(0, 0, 0, id, epoch, history);
    if (FrameCodec.sizeOf(frame) > limits.frameBytes()) {
      return tooLarge(id, history.cold().size() + " cold objects");
    }
    int ref = nextPartitionRef.getAsInt();
    arriving.add(id);
    return new ControlDecision.Write(
        (term, timeMs) -> new Frame.ImportBegin(term, timeMs, ref, id, epoch, history));
  }

  /**
   * Writes records that came from the other log, as they are.
   *
   * @param records whole batches, borrowed until they are written
   */
  public ControlDecision decideImport(PartitionId id, long epoch, ByteBuffer records) {
    var partition = view.find(id);
    if (partition == null
        || isBusy(partition)
        || !(partition.standing() instanceof MoveStanding.Importing standing)
        || standing.epoch() != epoch) {
      return otherwise(id);
    }
    List<BatchHeader> batches = new ArrayList<>();
    long offset = standing.nextOffset();
    int at = records.position();
    while (at < records.limit()) {
      if (records.limit() - at < BatchHeader.SIZE_BYTES) {
        return unsound(id, offset);
      }
      var batch = BatchHeader.read(records, at);
      if (batch.sizeBytes() < BatchHeader.SIZE_BYTES
          || batch.sizeBytes() > records.limit() - at
          || batch.baseOffset() != offset
          || batch.lastOffsetDelta() < 0) {
        return unsound(id, offset);
      }
      if (batch.sizeBytes() > limits.frameBytes()) {
        return tooLarge(id, "a batch of " + batch.sizeBytes() + " bytes");
      }
      batches.add(batch);
      offset = batch.endOffset();
      at += batch.sizeBytes();
    }
    if (batches.isEmpty()) {
      return unsound(id, offset);
    }
    importing.add(partition.ref());
    return new ControlDecision.WriteRecords(
        new AppendDecision.Accept(partition.ref(), List.copyOf(batches)), records);
  }

  public ControlDecision decideEnd(PartitionId id, long epoch, ImportedState state) {
    var partition = view.find(id);
    if (partition == null
        || !(partition.standing() instanceof MoveStanding.Importing standing)
        || standing.epoch() != epoch
        || state.logStartOffset() > standing.nextOffset()) {
      return otherwise(id);
    }
    var frame = new Frame.ImportEnd(0, 0, 0, epoch, state);
    if (FrameCodec.sizeOf(frame) > limits.frameBytes()) {
      return tooLarge(id, state.producers().size() + " producers");
    }
    return write(
        partition,
        (term, timeMs) -> new Frame.ImportEnd(term, timeMs, partition.ref(), epoch, state));
  }

  public ControlDecision decideOpen(PartitionId id, long epoch, int baseEpoch) {
    var partition = view.find(id);
    if (partition == null || !partition.standing().equals(new MoveStanding.Imported(epoch))) {
      return otherwise(id);
    }
    int ref = partition.ref();
    return write(
        partition, (term, timeMs) -> new Frame.MoveOpen(term, timeMs, ref, epoch, baseEpoch));
  }

  public ControlDecision decideStep(PartitionId id, long epoch, Step step) {
    var partition = view.find(id);
    if (partition == null || !isMeant(partition.standing(), epoch, step)) {
      return otherwise(id);
    }
    if (step == Step.RELEASE) {
      left.addLast(id);
      if (left.size() > MAX_LEFT) {
        left.removeFirst();
      }
    }
    int ref = partition.ref();
    return write(partition, (term, timeMs) -> new Frame.MoveStep(term, timeMs, ref, epoch, step));
  }

  private static boolean isMeant(MoveStanding standing, long epoch, Step step) {
    return switch (standing) {
      case MoveStanding.Absent absent -> false;
      case MoveStanding.Open open -> step == Step.CLOSE;
      case MoveStanding.Closed closed ->
          (step == Step.REOPEN || step == Step.RELEASE) && closed.epoch() == epoch;
      case MoveStanding.Importing coming -> step == Step.DROP && coming.epoch() == epoch;
      case MoveStanding.Imported imported -> step == Step.DROP && imported.epoch() == epoch;
    };
  }

  /**
   * Lets go of objects that are kept for a partition that has left.
   *
   * @param baseLsns of those that are still needed, ascending
   */
  public ControlDecision decideNeeds(PartitionId id, long epoch, List<Long> baseLsns) {
    var needed = new HashSet<>(baseLsns);
    boolean isLess =
        view.coveredSegments().kept().stream()
            .filter(kept -> kept.partition().equals(id) && kept.moveEpoch() <= epoch)
            .flatMap(kept -> kept.objects().stream())
            .anyMatch(object -> !needed.contains(object.baseLsn()));
    return isLess
        ? new ControlDecision.Write(
            (term, timeMs) -> new Frame.MoveNeeds(term, timeMs, id, epoch, baseLsns))
        : new ControlDecision.Holds();
  }

  private ControlDecision write(PartitionView partition, FrameAt frame) {
    if (isBusy(partition)) {
      return otherwise(partition.id());
    }
    stepping.add(partition.ref());
    return new ControlDecision.Write(frame);
  }

  private boolean isBusy(PartitionView partition) {
    return stepping.contains(partition.ref()) || importing.contains(partition.ref());
  }

  private static ControlDecision otherwise(PartitionId id) {
    return new ControlDecision.Deny(
        new Fault.Retriable("partition " + id + " stands otherwise by now"));
  }

  private static ControlDecision unsound(PartitionId id, long offset) {
    return new ControlDecision.Deny(
        new Fault.Retriable(
            "no whole batches of " + id + " follow at offset " + offset + " from the other log"));
  }

  private static ControlDecision tooLarge(PartitionId id, String what) {
    return new ControlDecision.Deny(
        new Fault.Refused(
            Refusal.RECORD_LIST_TOO_LARGE, what + " of " + id + " do not fit in a frame"));
  }

  /** Records are committed; if they came from another log, all of them: they were one group. */
  void onCommitted(int partitionRef) {
    importing.remove(partitionRef);
  }

  void onCommitted(Frame control) {
    switch (control) {
      case Frame.ImportBegin begin -> arriving.remove(begin.id());
      case Frame.ImportEnd end -> stepping.remove(end.partitionRef());
      case Frame.MoveOpen open -> stepping.remove(open.partitionRef());
      case Frame.MoveStep step -> stepping.remove(step.partitionRef());
      default -> {}
    }
  }

  void forgetPending() {
    stepping.clear();
    importing.clear();
    arriving.clear();
  }

  /** The frame was written before and is not committed. */
  void onStillPending(Frame control) {
    switch (control) {
      case Frame.ImportBegin begin -> arriving.add(begin.id());
      case Frame.ImportEnd end -> stepping.add(end.partitionRef());
      case Frame.MoveOpen open -> stepping.add(open.partitionRef());
      case Frame.MoveStep step -> stepping.add(step.partitionRef());
      default -> {}
    }
  }
}
