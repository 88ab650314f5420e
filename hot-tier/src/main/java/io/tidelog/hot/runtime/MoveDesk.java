package io.tidelog.hot.runtime;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.hot.format.Frame.MoveStep.Step;
import io.tidelog.hot.format.ImportedHistory;
import io.tidelog.hot.format.ImportedState;
import io.tidelog.hot.leader.ControlDecision;
import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.leader.MoveLeader;
import io.tidelog.hot.move.MoveStanding;
import io.tidelog.hot.view.KeptObjects;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.PartitionView;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the moves of partitions see of a log in one term, and write to it. Everything is about what
 * is committed. A stage that it gives completes when the frame is committed, and fails with a
 * {@link io.tidelog.core.Fault} when it will not be, or perhaps not. Owned by the log's lane.
 */
public final class MoveDesk {

  private final LogView view;
  private final LogLeader leader;
  private final CommitPipeline pipeline;
  private final LogReads reads;
  private final PartitionPublisher published;
  private final LogCounters counters;
  private final BooleanSupplier isHeldUp;

  /**
   * What it works with.
   *
   * @param isHeldUp whether the log takes no records now
   */
  record Parts(
      LogView view,
      LogLeader leader,
      CommitPipeline pipeline,
      LogReads reads,
      PartitionPublisher published,
      LogCounters counters,
      BooleanSupplier isHeldUp) {}

  MoveDesk(Parts parts) {
    this.view = parts.view();
    this.leader = parts.leader();
    this.pipeline = parts.pipeline();
    this.reads = parts.reads();
    this.published = parts.published();
    this.counters = parts.counters();
    this.isHeldUp = parts.isHeldUp();
  }

  public MoveStanding standing(PartitionId id) {
    var partition = view.find(id);
    return partition == null ? new MoveStanding.Absent() : partition.standing();
  }

  /** Those that are not open. */
  public List<PartitionId> moving() {
    return view.moving().stream().map(PartitionView::id).toList();
  }

  /** What is kept in the cold tier for partitions that have left. */
  public List<KeptObjects> kept() {
    return view.coveredSegments().kept();
  }

  /** The partition, when it lives here, open or closed. */
  public @Nullable PartitionView resident(PartitionId id) {
    var partition = view.find(id);
    return partition != null && partition.isShown() ? partition : null;
  }

  /** Whether a closed partition is shown to nobody, since it may live in another log. */
  public boolean isDoubtful(PartitionId id) {
    var partition = view.find(id);
    return partition != null && published.isDoubtful(partition);
  }

  /** A closed partition lives here at a revision at which this term had begun. */
  public void onAtHome(PartitionId id) {
    var partition = view.find(id);
    if (partition != null) {
      published.onAtHome(partition);
    }
  }

  /** Whether the log takes no records now: the disk is full, or the cold tier is far behind. */
  public boolean isHeldUp() {
    return isHeldUp.getAsBoolean();
  }

  /** First offset that is in the hot tier, from where a batch begins. */
  public long firstLocalBatch(PartitionView resident) {
    return resident.firstBatchFrom(published.localStartLsn());
  }

  /**
   * Reads what is committed, visible or not.
   *
   * @param fromOffset where a batch begins, not before {@link #firstLocalBatch}
   * @param completion called on any thread
   */
  public void read(
      PartitionView resident, long fromOffset, int maxBytes, ReadCompletion completion) {
    reads.readBatches(resident.id(), fromOffset, maxBytes, completion);
  }

  /** A partition has come from another log. */
  public void onMovedIn() {
    LogCounters.add(counters.moves, 1);
  }

  /** A partition that was closed has left, or is open again. */
  public void onNoLongerClosed(long ms) {
    LogCounters.add(counters.moveClosedMs, ms);
  }

  /** What another log has to know of it first. */
  public ImportedHistory history(PartitionView resident) {
    return view.history(resident);
  }

  /** What another log has to know of it last, when it is closed. */
  public ImportedState state(PartitionView closed) {
    return view.state(closed);
  }

  /** The base LSNs of the segments of a log whose objects the partition is in, ascending. */
  public List<Long> needs(LogId of, PartitionView resident) {
    return view.objectsOf(of, resident).stream()
        .map(ColdObject::baseLsn)
        .distinct()
        .sorted()
        .toList();
  }

  /** The largest batches that one frame takes. */
  public int frameBytes() {
    return leader.limits().frameBytes();
  }

  public CompletionStage<Void> begin(PartitionId id, long epoch, ImportedHistory history) {
    return write(moves -> moves.decideBegin(id, epoch, history));
  }

  /**
   * @param records whole batches, borrowed until the stage completes
   */
  public CompletionStage<Void> importRecords(PartitionId id, long epoch, ByteBuffer records) {
    LogCounters.add(counters.movedBytes, records.remaining());
    return write(moves -> moves.decideImport(id, epoch, records));
  }

  public CompletionStage<Void> end(PartitionId id, long epoch, ImportedState state) {
    return write(moves -> moves.decideEnd(id, epoch, state));
  }

  public CompletionStage<Void> open(PartitionId id, long epoch, int baseEpoch) {
    return write(moves -> moves.decideOpen(id, epoch, baseEpoch));
  }

  public CompletionStage<Void> step(PartitionId id, long epoch, Step step) {
    return write(moves -> moves.decideStep(id, epoch, step));
  }

  /** As {@link MoveLeader#decideNeeds}. */
  public CompletionStage<Void> needs(PartitionId id, long epoch, List<Long> baseLsns) {
    return write(moves -> moves.decideNeeds(id, epoch, baseLsns));
  }

  private CompletionStage<Void> write(Function<MoveLeader, ControlDecision> decide) {
    var done = new CompletableFuture<Void>();
    Supplier<ControlDecision> decision = () -> decide.apply(leader.moves());
    pipeline.change(leader.limits().frameBytes(), decision, done);
    pipeline.flush();
    return done;
  }
}
