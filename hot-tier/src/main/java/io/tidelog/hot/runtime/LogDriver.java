package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.DelayedLog;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.LogAppender;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionHost;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.PendingRecords;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.core.log.SealedSegmentSource;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.hot.leader.AdmissionPlanner;
import io.tidelog.hot.leader.LeaderLimits;
import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.leader.ReplicaProgress;
import io.tidelog.hot.segment.SegmentLog;
import io.tidelog.hot.view.LogView;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves one log that this process leads, in one term: appends, reads, partitions and offloading.
 * The machines decide; this carries out, on the lane, beside it for syncs, on the reader threads
 * and the background thread that it is given, so that a test or the simulator may give it one
 * thread for all. Any thread may call it.
 */
public final class LogDriver
    implements LogAppender, LogReader, PartitionHost, DelayedLog, SealedSegmentSource {

  private final ReplicaLog replica;
  private final Leadership leadership;
  private final Clock clock;
  private final LogView view;
  private final SegmentLog log;
  private final Lane lane;
  private final LogCounters counters;
  private final ReplicaProgress progress;
  private final Refusals refusals;
  private final CommitPipeline pipeline;
  private final PartitionPublisher publisher;
  private final LogReads reads;
  private final ControlDesk control;
  private final MoveDesk moves;
  private final OffloadDesk offload;
  private final AppendIntake intake;
  private final LogUpkeep upkeep;
  private final LeaderUpkeep role;
  private final TermOpening opening;
  private long coldEndLsn;

  private boolean isClosed;
  private boolean isStopping;
  private volatile boolean isDeposed;
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  /**
   * The threads of a log.
   *
   * @param sync runs one task at a time, beside the lane; may block
   * @param readers may block; rejects when too many reads wait
   * @param background one thread, for what is in no hurry
   */
  public record Threads(Lane lane, Executor sync, Executor readers, Executor background) {}

  /** Leads what the replica has; {@link ReplicaLog#lead} makes it. */
  LogDriver(ReplicaLog replica, Leadership leadership) {
    this.replica = replica;
    this.leadership = leadership;
    var parts = replica.parts();
    this.view = parts.view();
    this.log = parts.log();
    this.lane = replica.lane();
    this.clock = parts.clock();
    this.counters = replica.counters();
    this.upkeep = replica.upkeep();
    var config = parts.config();
    var leader =
        new LogLeader(view, leadership.term(), LeaderLimits.of(config.segments().segmentBytes()));
    replica.tail().forEach(group -> group.tellPending(leader));
    this.progress =
        new ReplicaProgress(config.durability(), replica.progress(), replica.commitLsn());
    this.refusals = new Refusals(clock, counters, Long.MIN_VALUE);
    this.publisher = new PartitionPublisher(lane, clock, view, leader);
    this.pipeline =
        new CommitPipeline(
            new CommitPipeline.Parts(replica, leader, leadership.term(), progress, refusals),
            this::onCommitted);
    this.reads =
        new LogReads(
            new LogReads.Parts(publisher, log.reads(), parts.threads().readers(), counters, clock),
            clock.monotonicNs() - 1);
    this.control = new ControlDesk(lane, view, leader, pipeline);
    this.offload = new OffloadDesk(lane, replica.finisher(), log, view, leader);
    var space = parts.space();
    LongSupplier lagBytes = () -> space.asPartOfWhole(view.log(), offload.lagBytes());
    this.intake = new AppendIntake(lane, clock, config, pipeline, counters, lagBytes);
    this.moves =
        new MoveDesk(
            new MoveDesk.Parts(
                view,
                leader,
                pipeline,
                reads,
                publisher,
                counters,
                () ->
                    log.writer().isFull()
                        || AdmissionPlanner.isRefused(lagBytes.getAsLong(), config.admission())));
    this.role =
        new LeaderUpkeep(
            new LeaderUpkeep.Parts(
                config, log.writer(), view, leader, pipeline, publisher, offload),
            clock.monotonicNs());
    this.opening =
        new TermOpening(new TermOpening.Parts(replica, leadership, pipeline, publisher, offload));
  }

  /**
   * Begins the term; the stage completes when its first frame is committed. {@link
   * ProgressListener#onWritten} tells when the term has begun, which takes as long as the disk is
   * full.
   */
  public CompletionStage<Void> start() {
    var started = new CompletableFuture<Void>();
    lane.execute(
        () -> {
          if (!isClosed) {
            begin(started);
          }
        });
    return started;
  }

  private void begin(CompletableFuture<Void> started) {
    pipeline.onSyncEnded(this::onSyncEnded);
    replica.finisher().onFinished(offload::onFinished);
    upkeep.role(role);
    opening.begin(started);
    upkeep.start();
  }

  @Override
  public void append(List<AppendRequest> requests) {
    intake.append(requests);
  }

  private void onSyncEnded(long syncNs, int answered) {
    intake.onSyncEnded(syncNs, answered);
    if (isClosed && !isStopping && !pipeline.isIdle()) {
      pipeline.sync(); // what was written during the last one
    }
    maybeFinishStop();
  }

  private void onCommitted(Set<Integer> touched) {
    replica.onCommit(progress.commitLsn());
    counters.commitLsn.setRelease(progress.commitLsn());
    opening.onCommitted(progress.commitLsn(), touched);
    replica.finisher().finishSealed();
    if (view.coldEndLsn() != coldEndLsn) {
      coldEndLsn = view.coldEndLsn();
      offload.refresh();
    }
  }

  @Override
  public @Nullable PartitionSnapshot snapshot(PartitionId partition) {
    return reads.snapshot(partition);
  }

  @Override
  public void read(ReadRequest request, ReadCompletion completion) {
    reads.read(request, completion);
  }

  @Override
  public void findByTime(TimeRequest request, ReadCompletion completion) {
    reads.findByTime(request, completion);
  }

  @Override
  public EpochEnd endOfEpoch(PartitionId partition, int leaderEpoch) {
    return reads.endOfEpoch(partition, leaderEpoch);
  }

  @Override
  public void onAdvance(AdvanceListener listener) {
    publisher.onAdvance(listener);
  }

  @Override
  public Set<PartitionId> partitions() {
    return publisher.partitions();
  }

  @Override
  public CompletionStage<Void> open(List<PartitionSpec> partitions) {
    return control.open(partitions);
  }

  @Override
  public CompletionStage<Void> close(List<PartitionId> partitions) {
    return control.close(partitions);
  }

  @Override
  public CompletionStage<Void> configure(List<PartitionId> partitions, PartitionConfig settings) {
    return control.configure(partitions, settings);
  }

  @Override
  public CompletionStage<Long> deleteBefore(PartitionId partition, long offset) {
    return control.deleteBefore(partition, offset, clock.wallMs());
  }

  @Override
  public CompletionStage<List<ProducerEntry>> producers(PartitionId partition) {
    return control.producers(partition, clock.wallMs());
  }

  @Override
  public List<PendingRecords> pending() {
    return publisher.pending();
  }

  @Override
  public CompletionStage<Void> deliverPending(List<PartitionId> partitions) {
    return control.deliverPending(partitions);
  }

  @Override
  public List<LogId> logs() {
    return List.of(view.log());
  }

  @Override
  public long term(LogId id) {
    // Else an object that another leader has committed, or this one is about to, looks unneeded.
    boolean knowsAll = opening.isServing() && !isDeposed && reads.mayAnswer();
    return id.equals(view.log()) && knowsAll ? leadership.term() : -1;
  }

  @Override
  public @Nullable SealedSegment nextToOffload(LogId id) {
    return id.equals(view.log()) ? offload.nextToOffload(publisher) : null;
  }

  @Override
  public void onUnreadable(LogId id, Fault.Broken why) {
    if (id.equals(view.log())) {
      counters.damagedReads.incrementAndGet();
      lane.execute(() -> pipeline.onUnreadable(why));
    }
  }

  @Override
  public CompletionStage<Void> commit(ColdObject object) {
    if (!object.log().equals(view.log())) {
      return CompletableFuture.failedStage(
          new Fault.Fenced("log " + object.log() + " is not led here"));
    }
    return offload.commit(object, pipeline);
  }

  @Override
  public Set<String> liveObjects(LogId id) {
    return id.equals(view.log()) ? publisher.covered().keys() : Set.of();
  }

  @Override
  public long offloadLagBytes(LogId id) {
    return id.equals(view.log()) ? offload.lagBytes() : 0;
  }

  @Override
  public void onSealed(Runnable listener) {
    offload.onSealed(listener);
  }

  /** Seals the active segment now, as when it is old enough; for tests and operators. */
  public CompletionStage<Void> roll() {
    var done = new CompletableFuture<Void>();
    lane.execute(
        () -> {
          log.writer().rollNow();
          replica.finisher().finishSealed();
          pipeline.sync();
          done.complete(null);
        });
    return done;
  }

  /** Lane: partitions that move to or from this log. */
  public MoveDesk moves() {
    return moves;
  }

  /** The term this process leads in. */
  public long term() {
    return leadership.term();
  }

  /** What is led: where it ends, its terms, its raw ranges. */
  public ReplicaLog replica() {
    return replica;
  }

  /** Lane: below it everything is committed. */
  public long commitLsn() {
    return progress.commitLsn();
  }

  /** Lane: who sends what is written to other replicas. */
  public void onProgress(ProgressListener listener) {
    pipeline.listener(listener);
  }

  /** Lane: as {@link ReplicaProgress#onReplicas}. */
  public void onReplicas(long lsn) {
    pipeline.onReplicas(lsn);
  }

  /**
   * Lane: whether as many replicas are in sync as it takes to commit. When not, nothing is
   * committed, appends that wait for all replicas are answered that they may not survive and
   * further ones refused; those that wait for the leader only go on.
   */
  public void onInSync(boolean isEnough) {
    pipeline.onInSync(isEnough);
  }

  /** Lane: whether appends wait, neither refused nor written, because the lead is given away. */
  public void holdAppends(boolean isHeld) {
    intake.hold(isHeld);
  }

  /**
   * Any thread: reads and snapshots later than this are answered as if the partition were not here;
   * {@link Long#MAX_VALUE} for no end, {@link Long#MIN_VALUE} for all of them.
   *
   * @param ns on the monotonic clock
   */
  public void serveUntil(long ns) {
    reads.serveUntil(ns);
  }

  /**
   * Lane: nobody else led before this time, so that what was refused till then may be told.
   *
   * @param ns on the monotonic clock, {@link Long#MAX_VALUE} when nobody else ever will
   */
  public void onProven(long ns) {
    refusals.onProven(ns);
  }

  /**
   * Lane: leads no more, at once. What waits is uncertain, nothing more is published, read or
   * written, and the files are let go as they are. When the stage completes, on the lane, the
   * folder may be cut and opened again. Calling it again gives the same stage.
   */
  public CompletionStage<Void> depose() {
    return depose(replica::abandon);
  }

  /** Lane: as {@link #depose}, and the files are left as an orderly stop leaves them. */
  public CompletionStage<Void> leave() {
    return depose(replica::stop);
  }

  private CompletionStage<Void> depose(Supplier<CompletionStage<Void>> end) {
    if (!isDeposed) {
      isDeposed = true;
      isClosed = true;
      isStopping = true;
      opening.end();
      publisher.withdraw();
      pipeline.depose();
      intake.close();
      var unused = end.get().thenRun(() -> stopped.complete(null));
    }
    return stopped;
  }

  /** Where the log stands. Any thread. */
  public LogStats stats() {
    var segments = log.segments().list();
    long localBytes = 0;
    for (var segment : segments) {
      localBytes += segment.sizeBytes();
    }
    return new LogStats(
        counters.appendedBytes.get(),
        counters.appendedRecords.get(),
        counters.groups.get(),
        counters.syncs.get(),
        counters.syncMicros.get(),
        counters.syncBuckets(),
        counters.duplicates.get(),
        counters.refused.get(),
        counters.uncertain.get(),
        counters.damagedReads.get(),
        intake.waitingBytes(),
        segments.size(),
        counters.trimmedBytes.get(),
        counters.moves.get(),
        counters.movedBytes.get(),
        counters.moveClosedMs.get(),
        localBytes,
        offload.lagBytes(),
        counters.commitLsn.get(),
        counters.isFull.get(),
        pipeline.fault() != null);
  }

  /** Something failed on the lane that nobody there handled: stop writing. Lane. */
  public void onUncaught(Throwable failure) {
    pipeline.breakDown(
        failure instanceof Fault.Broken broken
            ? broken
            : new Fault.Broken("a task of the log failed, log=" + view.log(), failure));
  }

  /**
   * Takes no more appends, finishes those it has, saves the view, and lets go of the files. The
   * stage completes on the lane; calling it again gives the same stage.
   */
  public CompletionStage<Void> stop() {
    lane.execute(
        () -> {
          if (!isClosed) {
            isClosed = true;
            opening.end();
            role.close();
            intake.close();
            pipeline.sync();
            maybeFinishStop();
          }
        });
    return stopped;
  }

  private void maybeFinishStop() {
    if (isClosed && !isStopping && (pipeline.isIdle() || pipeline.fault() != null)) {
      isStopping = true;
      replica
          .closing()
          .syncAll(
              () -> {
                publisher.stop();
                upkeep.stop(
                    () -> {
                      pipeline.stop();
                      replica.finishStop();
                      stopped.complete(null);
                    });
              });
    }
  }
}
