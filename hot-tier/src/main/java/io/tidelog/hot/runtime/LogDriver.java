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
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.leader.ControlDecision;
import io.tidelog.hot.leader.LeaderLimits;
import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.leader.ReplicaProgress;
import io.tidelog.hot.segment.CheckpointFiles;
import io.tidelog.hot.segment.SegmentLog;
import io.tidelog.hot.view.LogView;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Serves one log that this process leads, in one term: appends, reads, partitions and offloading.
 * The machines decide; this carries out, on the lane, beside it for syncs, on the reader threads
 * and the background thread that it is given, so that a test or the simulator may give it one
 * thread for all. Any thread may call it.
 */
public final class LogDriver
    implements LogAppender, LogReader, PartitionHost, DelayedLog, SealedSegmentSource {

  private final Parts parts;
  private final LogView view;
  private final SegmentLog log;
  private final HotTierConfig config;
  private final Lane lane;
  private final LogCounters counters = new LogCounters();
  private final ReplicaProgress progress;
  private final CommitPipeline pipeline;
  private final PartitionPublisher publisher;
  private final LogReads reads;
  private final ControlDesk control;
  private final OffloadDesk offload;
  private final AppendIntake intake;
  private final Housekeeping housekeeping;
  private final long term;
  private long coldEndLsn;
  private boolean isClosed;
  private boolean isStopping;
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  /**
   * The threads of a log.
   *
   * @param sync runs one task at a time, beside the lane; may block
   * @param readers may block; rejects when too many reads wait
   * @param background one thread, for what is in no hurry
   */
  public record Threads(Lane lane, Executor sync, Executor readers, Executor background) {}

  /**
   * A recovered log.
   *
   * @param view applied up to the end of {@code log}
   */
  public record Parts(
      Threads threads,
      Clock clock,
      HotTierConfig config,
      SegmentLog log,
      CheckpointFiles checkpoints,
      LogView view,
      Start start) {}

  /**
   * How a term begins.
   *
   * @param term this process leads in: higher than any before
   * @param incarnation of this process
   * @param checkpointLsn of the checkpoint that recovery began from, 0 without one
   * @param oldestCheckpointLsn of the oldest checkpoint there is, 0 without one
   */
  public record Start(long term, UUID incarnation, long checkpointLsn, long oldestCheckpointLsn) {}

  public LogDriver(Parts parts) {
    this.parts = parts;
    this.view = parts.view();
    this.log = parts.log();
    this.config = parts.config();
    this.lane = parts.threads().lane();
    this.term = parts.start().term();
    var clock = parts.clock();
    var leader = new LogLeader(view, term, LeaderLimits.of(config.segments().segmentBytes()));
    this.progress = new ReplicaProgress(config.durability(), log.writer().endLsn());
    this.publisher = new PartitionPublisher(lane, clock, view, leader);
    this.pipeline =
        new CommitPipeline(
            new CommitPipeline.Parts(
                lane,
                parts.threads().sync(),
                clock,
                config.durability(),
                view,
                leader,
                log.writer(),
                new GroupWriter(view.log(), log.writer(), log.segments(), term),
                progress,
                counters),
            this::onCommitted);
    this.reads = new LogReads(publisher, log.reads(), parts.threads().readers(), counters);
    this.control = new ControlDesk(lane, view, leader, pipeline);
    this.offload = new OffloadDesk(lane, parts.threads().background(), log, view, leader, pipeline);
    this.intake = new AppendIntake(lane, clock, config, pipeline, counters, offload::lagBytes);
    this.housekeeping =
        new Housekeeping(
            new Housekeeping.Parts(
                lane,
                parts.threads().background(),
                clock,
                config,
                log,
                parts.checkpoints(),
                view,
                leader,
                pipeline,
                publisher,
                offload,
                counters),
            parts.start().checkpointLsn(),
            parts.start().oldestCheckpointLsn());
  }

  /**
   * Begins the term; the stage completes when its first frame is durable. Reads may begin before.
   */
  public CompletionStage<Void> start() {
    var started = new CompletableFuture<Void>();
    pipeline.onSyncEnded(this::onSyncEnded);
    lane.execute(
        () -> {
          publisher.publishAll(log.segments().startLsn());
          var incarnation = parts.start().incarnation();
          pipeline.change(
              () ->
                  new ControlDecision.Write(
                      (inTerm, timeMs) ->
                          new Frame.TermStart(inTerm, timeMs, FrameFormat.LEVEL, incarnation)),
              started);
          pipeline.flush();
          housekeeping.start();
        });
    return started;
  }

  @Override
  public void append(List<AppendRequest> requests) {
    intake.append(requests);
  }

  private void onSyncEnded(long syncNs, int answered) {
    intake.onSyncEnded(syncNs, answered);
    maybeFinishStop();
  }

  private void onCommitted(Set<Integer> touched) {
    counters.commitLsn.setRelease(progress.commitLsn());
    publisher.onCommitted(touched);
    offload.finishSealed();
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
    return control.deleteBefore(partition, offset, parts.clock().wallMs());
  }

  @Override
  public CompletionStage<List<ProducerEntry>> producers(PartitionId partition) {
    return control.producers(partition, parts.clock().wallMs());
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
    return id.equals(view.log()) ? term : -1;
  }

  @Override
  public @Nullable SealedSegment nextToOffload(LogId id) {
    return id.equals(view.log()) ? offload.nextToOffload(publisher) : null;
  }

  @Override
  public CompletionStage<Void> commit(ColdObject object) {
    if (!object.log().equals(view.log())) {
      return CompletableFuture.failedStage(
          new Fault.Fenced("log " + object.log() + " is not led here"));
    }
    return offload.commit(object);
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
          offload.finishSealed();
          pipeline.sync();
          done.complete(null);
        });
    return done;
  }

  /** The term this process leads in. */
  public long term() {
    return term;
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
        localBytes,
        offload.lagBytes(),
        counters.commitLsn.get(),
        counters.isFull.get(),
        pipeline.fault() != null);
  }

  /** Something failed on the lane that nobody there handled: stop writing. Lane. */
  void onUncaught(Throwable failure) {
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
      publisher.stop();
      housekeeping.stop(
          () -> {
            pipeline.stop();
            log.close();
            stopped.complete(null);
          });
    }
  }
}
