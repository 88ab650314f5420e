package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;
import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.leader.RetentionPlanner;
import io.tidelog.hot.segment.SegmentWriter;
import io.tidelog.hot.view.LogView;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What only the leader of a log looks after: segments rolled by age, records retained, what is to
 * be offloaded. Owned by the log's lane.
 */
final class LeaderUpkeep implements LogRole {

  private static final long NANOS_PER_MS = 1_000_000;

  private final HotTierConfig config;
  private final SegmentWriter writer;
  private final LogView view;
  private final LogLeader leader;
  private final CommitPipeline pipeline;
  private final PartitionPublisher publisher;
  private final OffloadDesk offload;
  private long retentionAtNs;
  private boolean isClosed;

  /** What the leader's upkeep works with. */
  record Parts(
      HotTierConfig config,
      SegmentWriter writer,
      LogView view,
      LogLeader leader,
      CommitPipeline pipeline,
      PartitionPublisher publisher,
      OffloadDesk offload) {}

  /**
   * @param nowNs retention is looked after from now on
   */
  LeaderUpkeep(Parts parts, long nowNs) {
    this.config = parts.config();
    this.writer = parts.writer();
    this.view = parts.view();
    this.leader = parts.leader();
    this.pipeline = parts.pipeline();
    this.publisher = parts.publisher();
    this.offload = parts.offload();
    this.retentionAtNs = nowNs;
  }

  @Override
  public Fault.@Nullable Broken fault() {
    return pipeline.fault();
  }

  @Override
  public void breakDown(Fault.Broken fault) {
    pipeline.breakDown(fault);
  }

  /** Writes nothing more by itself: the log is about to be closed. */
  void close() {
    isClosed = true;
  }

  @Override
  public void onTick(long nowNs, long nowMs) {
    if (isClosed) {
      return;
    }
    writer.maybeRoll(Math.max(nowMs, view.lastAppendTimeMs()));
    if (nowNs - retentionAtNs >= 0) {
      retentionAtNs = nowNs + config.timing().retentionCheckMs() * NANOS_PER_MS;
      retain(nowMs);
    }
  }

  /** Moves the log start of partitions whose settings ask for it. */
  private void retain(long nowMs) {
    for (var expired : RetentionPlanner.plan(view, nowMs)) {
      var id = expired.partition().id();
      pipeline.change(
          () -> leader.decideLogStart(id, expired.logStartOffset(), nowMs),
          new CompletableFuture<>());
    }
  }

  @Override
  public void beforeTrim(long goneLsn) {
    publisher.publishAll(goneLsn);
  }

  @Override
  public void afterTick() {
    offload.refresh();
    pipeline.flush();
  }
}
