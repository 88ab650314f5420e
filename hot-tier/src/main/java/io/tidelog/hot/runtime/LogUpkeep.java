package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.hot.leader.CheckpointPlanner;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.leader.TrimPlanner;
import io.tidelog.hot.segment.CheckpointFiles;
import io.tidelog.hot.segment.ReplayStart;
import io.tidelog.hot.segment.SegmentLog;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.LogViewCodec;
import io.tidelog.hot.view.ViewSnapshot;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a log's files need now and then, whoever leads: sealed segments finished, checkpoints of
 * what is committed, segments trimmed, spare files, and another look at a full disk. Owned by the
 * log's lane; what blocks runs in the background. What fails is logged once and tried again at a
 * later tick. What depends on the role is left to its {@link LogRole}.
 */
final class LogUpkeep {

  private static final Logger LOG = LoggerFactory.getLogger(LogUpkeep.class);
  private static final long NANOS_PER_MS = 1_000_000;

  private final Lane lane;
  private final Executor background;
  private final Clock clock;
  private final HotTierConfig config;
  private final LocalSpace space;
  private final SegmentLog log;
  private final CheckpointFiles checkpoints;
  private final LogView view;
  private final LogSyncs syncs;
  private final SegmentFinisher finisher;
  private final LogCounters counters;
  private LogRole role;

  /** Of the newest checkpoint, durable or being written. */
  private long checkpointLsn;

  /** Of the oldest checkpoint that recovery may have to fall back to. */
  private long oldestCheckpointLsn;

  /** To be saved when it is durable, which the view itself under load may never be. */
  private @Nullable ViewSnapshot waiting;

  private boolean isCheckpointing;

  /** The cold end when the view was applied up to {@code seenLsn}. */
  private long seenColdEndLsn;

  private long seenLsn;
  private long durableColdEndLsn;
  private boolean isStarted;
  private boolean isPreparing;
  private boolean isFailureLogged;
  private long lazySyncAtNs;
  private Runnable cancelTick = () -> {};

  /** What upkeep works with. */
  record Parts(
      Lane lane,
      Executor background,
      Clock clock,
      HotTierConfig config,
      LocalSpace space,
      SegmentLog log,
      CheckpointFiles checkpoints,
      LogView view,
      LogSyncs syncs,
      SegmentFinisher finisher,
      LogCounters counters) {}

  /**
   * @param newestLsn of the checkpoint that recovery began from, 0 without one
   * @param oldestLsn of the oldest one there is
   */
  record Checkpoints(long newestLsn, long oldestLsn) {}

  LogUpkeep(Parts parts, Checkpoints found, LogRole role) {
    this.lane = parts.lane();
    this.background = parts.background();
    this.clock = parts.clock();
    this.config = parts.config();
    this.space = parts.space();
    this.log = parts.log();
    this.checkpoints = parts.checkpoints();
    this.view = parts.view();
    this.syncs = parts.syncs();
    this.finisher = parts.finisher();
    this.counters = parts.counters();
    this.checkpointLsn = found.newestLsn();
    this.oldestCheckpointLsn = found.oldestLsn();
    this.role = role;
  }

  /** From now on the log has this role. */
  void role(LogRole next) {
    role = next;
  }

  /** Begins the ticks, unless they have begun. */
  void start() {
    if (isStarted) {
      return;
    }
    isStarted = true;
    lazySyncAtNs = clock.monotonicNs();
    tick();
  }

  private void tick() {
    long nowNs = clock.monotonicNs();
    cancelTick = lane.executeAt(nowNs + config.timing().tickMs() * NANOS_PER_MS, this::tick);
    long nowMs = clock.wallMs();
    var writer = log.writer();
    boolean wasFull = writer.isFull();
    writer.maybeRecover();
    if (wasFull && !writer.isFull()) {
      LOG.info("disk has room again, records are taken, log={}", view.log());
    }
    counters.isFull.setRelease(writer.isFull());
    if (writer.fault() != null) {
      role.breakDown(writer.fault());
    }
    if (role.fault() != null) {
      // What the view holds may be half of a frame: nothing is saved or deleted by it.
      return;
    }
    role.onTick(nowNs, nowMs);
    finisher.finishSealed();
    finisher.finishFailed();
    if (config.durability() == Durability.REPLICATED && nowNs - lazySyncAtNs >= 0) {
      lazySyncAtNs = nowNs + config.timing().lazySyncMs() * NANOS_PER_MS;
      syncs.sync();
    }
    maybeCheckpoint();
    trim(nowMs);
    space.onUsed(view.log(), log.segments().sizeBytes());
    prepareFiles();
    role.afterTick();
  }

  /** Saves the view in the background, when it is time and what it covers is durable. */
  private void maybeCheckpoint() {
    boolean isDue =
        CheckpointPlanner.isDue(
            view.appliedLsn(),
            checkpointLsn,
            log.segments().active().baseLsn(),
            config.limits().checkpointBytes());
    if ((isDue || isTrimHeldUp()) && waiting == null && !isCheckpointing) {
      waiting = ViewSnapshot.of(view);
    }
    var snapshot = waiting;
    if (snapshot == null) {
      return;
    }
    if (snapshot.appliedLsn() > log.writer().syncedLsn()) {
      syncs.sync();
    } else {
      waiting = null;
      checkpoint(snapshot);
    }
  }

  /**
   * Whether the oldest segment is in the cold tier and stays here only for the older one of two
   * checkpoints, which nothing else may ever replace when the log is idle.
   */
  private boolean isTrimHeldUp() {
    var oldest = log.segments().list().getFirst();
    return view.appliedLsn() > checkpointLsn
        && oldest.isSealed()
        && oldest.endLsn() > oldestCheckpointLsn
        && oldest.endLsn() <= Math.min(checkpointLsn, view.coldEndLsn());
  }

  private void checkpoint(ViewSnapshot snapshot) {
    isCheckpointing = true;
    long previousLsn = checkpointLsn;
    checkpointLsn = snapshot.appliedLsn();
    background.execute(
        () -> {
          var failure = writeCheckpoint(snapshot);
          lane.execute(() -> onCheckpointed(previousLsn, failure));
        });
  }

  private @Nullable Throwable writeCheckpoint(ViewSnapshot snapshot) {
    long lsn = snapshot.appliedLsn();
    return BlockingTask.failureOf(
        () -> {
          checkpoints.write(
              new ReplayStart(lsn, lsn), sink -> sink.write(LogViewCodec.save(snapshot)));
          oldestKept = checkpoints.oldestKeptLsn();
        });
  }

  /** Written by the background thread, read by the lane after it was told. */
  private volatile long oldestKept;

  private void onCheckpointed(long previousLsn, @Nullable Throwable failure) {
    isCheckpointing = false;
    if (failure == null) {
      oldestCheckpointLsn = oldestKept;
      isFailureLogged = false;
    } else {
      checkpointLsn = previousLsn;
      logOnce("checkpoint could not be written", failure);
    }
  }

  /** Gives up the oldest segments, when nobody needs them here. */
  private void trim(long nowMs) {
    // Where the next segment begins is agreed on when something in it is committed: before, another
    // leader may go on in this one.
    var sealed =
        log.segments().list().stream()
            .filter(segment -> segment.isSealed() && segment.endLsn() < view.appliedLsn())
            .map(s -> new TrimPlanner.LocalSegment(s.baseLsn(), s.endLsn()))
            .toList();
    if (sealed.isEmpty()) {
      return;
    }
    var limits =
        new TrimPlanner.Limits(
            Math.min(oldestCheckpointLsn, durableColdEndLsn()),
            log.segments().active().sizeBytes(),
            space.maxBytes(view.log()));
    long goneLsn = TrimPlanner.plan(view, sealed, limits, nowMs);
    if (goneLsn == 0) {
      return;
    }
    // Readers are sent to the cold tier first, so that none looks for what is about to go.
    role.beforeTrim(goneLsn);
    long bytesBefore = log.segments().sizeBytes();
    try {
      log.segments().trimBefore(goneLsn);
    } catch (Fault.Retriable fault) {
      logOnce("segments could not be trimmed", fault);
    }
    LogCounters.add(counters.trimmedBytes, bytesBefore - log.segments().sizeBytes());
  }

  /**
   * What the log says durably: when only the page cache holds the commit of an object, the power
   * may take it back, and the segment must still be there.
   */
  private long durableColdEndLsn() {
    if (seenLsn <= log.writer().syncedLsn()) {
      durableColdEndLsn = seenColdEndLsn;
      seenLsn = view.appliedLsn();
      seenColdEndLsn = view.coldEndLsn();
    }
    if (seenLsn <= log.writer().syncedLsn()) {
      durableColdEndLsn = seenColdEndLsn;
    }
    return durableColdEndLsn;
  }

  private void prepareFiles() {
    if (isPreparing) {
      return;
    }
    isPreparing = true;
    background.execute(
        () -> {
          var failure = BlockingTask.failureOf(log::upkeep);
          lane.execute(
              () -> {
                isPreparing = false;
                if (failure != null) {
                  logOnce("spare files could not be prepared", failure);
                }
              });
        });
  }

  private void logOnce(String what, Throwable failure) {
    if (!isFailureLogged) {
      isFailureLogged = true;
      LOG.error("{}, it is tried again, log={}", what, view.log(), failure);
    }
  }

  /** Ends the ticks, and saves nothing. */
  void cancel() {
    cancelTick.run();
  }

  /** Saves the view once more if there is anything new, and then runs {@code done}. */
  void stop(Runnable done) {
    cancelTick.run();
    boolean isDurable = view.appliedLsn() <= log.writer().syncedLsn();
    if (role.fault() != null || isCheckpointing || !isDurable) {
      done.run();
      return;
    }
    if (view.appliedLsn() == checkpointLsn) {
      done.run();
      return;
    }
    var snapshot = ViewSnapshot.of(view);
    background.execute(
        () -> {
          var failure = writeCheckpoint(snapshot);
          lane.execute(
              () -> {
                if (failure != null) {
                  logOnce("checkpoint could not be written", failure);
                }
                done.run();
              });
        });
  }
}
