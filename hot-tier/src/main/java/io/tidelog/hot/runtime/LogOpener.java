package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.log.DelayGates;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.segment.CheckpointFiles;
import io.tidelog.hot.segment.CopyStanding;
import io.tidelog.hot.segment.FolderReset;
import io.tidelog.hot.segment.ReplayStart;
import io.tidelog.hot.segment.SegmentLog;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.LogViewCodec;
import io.tidelog.hot.view.TermHistory;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovers a log from its folder: the newest sound checkpoint, and every frame behind it. Used by
 * the thread that starts the process.
 */
public final class LogOpener {

  private static final Logger LOG = LoggerFactory.getLogger(LogOpener.class);

  private LogOpener() {}

  /**
   * What one copy of several is opened with.
   *
   * @param gates make the gates of delayed partitions
   * @param space of this node, shared with the other logs it holds
   */
  public record ReplicaParts(
      LogDisk disk,
      LogId log,
      HotTierConfig config,
      DelayGates gates,
      Clock clock,
      LocalSpace space,
      CopyStanding standing) {}

  /**
   * Recovers a copy of the log, or begins it when the folder is empty. Blocking; what it gives
   * belongs to the lane from then on.
   *
   * @throws Fault.Broken when the log is damaged below what was committed, or cannot be read
   */
  public static ReplicaLog openReplica(ReplicaParts parts, LogDriver.Threads threads) {
    try {
      return openFolder(parts, threads);
    } catch (IOException e) {
      throw new Fault.Broken("log cannot be read, folder=" + parts.disk().describe(), e);
    }
  }

  private static ReplicaLog openFolder(ReplicaParts parts, LogDriver.Threads threads)
      throws IOException {
    FolderReset.finishInterrupted(parts.disk());
    var checkpoints = new CheckpointFiles(parts.disk(), parts.log());
    var limits = parts.config().producers();
    var checkpoint = checkpoints.readNewest();
    var view =
        checkpoint == null
            ? new LogView(parts.log(), limits, parts.gates())
            : LogViewCodec.restore(checkpoint.content(), parts.log(), limits, parts.gates());
    var from = checkpoint == null ? ReplayStart.BEGINNING : checkpoint.replayStart();
    var replay = new TailReplay(view, from.commitLsn());
    var segments =
        SegmentLog.recover(
            new SegmentLog.Parts(
                parts.disk(),
                parts.log(),
                parts.config().segments(),
                threads.background(),
                LogOpener::logBackgroundFailure),
            from,
            parts.standing(),
            replay);
    var tail = replay.finish(segments.recovered().commitLsn());
    for (var name : checkpoints.deleteUnsound(from.lsn())) {
      LOG.error("checkpoint was damaged, an older one served, log={} file={}", parts.log(), name);
    }
    var end = endOf(segments.recovered(), view, replay.terms());
    LOG.info(
        "log recovered, log={} endLsn={} commitLsn={} checkpointLsn={} partitions={} lastTerm={}",
        parts.log(),
        segments.recovered().endLsn(),
        segments.recovered().commitLsn(),
        from.lsn(),
        view.partitions().size(),
        end.lastTerm());
    return new ReplicaLog(
        new ReplicaLog.Parts(
            threads, parts.clock(), parts.config(), parts.space(), segments, checkpoints, view),
        new ReplicaLog.Recovered(
            tail,
            end,
            segments.recovered().commitLsn(),
            new LogUpkeep.Checkpoints(from.lsn(), checkpoints.oldestKeptLsn())));
  }

  /** What lies before the end of the log, which may still be behind the checkpoint. */
  private static ReplicatedGroups.Before endOf(
      SegmentLog.Recovered found, LogView view, TermHistory terms) {
    if (view.appliedLsn() <= found.endLsn()) {
      return new ReplicatedGroups.Before(
          terms,
          Math.max(view.term(), found.lastTerm()),
          Math.max(view.lastAppendTimeMs(), found.lastAppendTimeMs()));
    }
    var before = terms.upTo(found.endLsn());
    long lastTerm = Math.max(before.lastTerm(), found.lastTerm());
    boolean isForgotten = lastTerm == 0 && found.endLsn() > 0;
    return new ReplicatedGroups.Before(
        before, isForgotten ? ReplicatedGroups.UNKNOWN_TERM : lastTerm, found.lastAppendTimeMs());
  }

  /**
   * Whether what is on the disk is bad, and not only a disk that is full or fails: then the copy is
   * as good as before when the disk is.
   */
  public static boolean isDamage(Fault.Broken broken) {
    for (Throwable cause = broken; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return false;
      }
    }
    return true;
  }

  private static void logBackgroundFailure(IOException failure) {
    LOG.warn("a segment file could not be closed, deleted or recycled", failure);
  }
}
