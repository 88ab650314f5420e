package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.log.DelayGates;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.format.FrameCodec;
import io.tidelog.hot.segment.CheckpointFiles;
import io.tidelog.hot.segment.ReplayStart;
import io.tidelog.hot.segment.SegmentLog;
import io.tidelog.hot.view.FramePlace;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.LogViewCodec;
import java.io.IOException;
import java.util.UUID;
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
   * What a log is served with.
   *
   * @param gates make the gates of delayed partitions
   * @param termFloor the term is higher than this and than any on the disk
   * @param incarnation of this process, drawn at its start
   */
  public record Parts(
      LogDisk disk,
      LogId log,
      HotTierConfig config,
      DelayGates gates,
      Clock clock,
      long termFloor,
      UUID incarnation) {}

  /**
   * Recovers the log, or begins it when the folder is empty. Blocking; the term begins with {@link
   * LogDriver#start}.
   *
   * @throws Fault.Broken when the log is damaged below what was committed, or cannot be read
   */
  public static LogDriver open(Parts parts, LogDriver.Threads threads) {
    try {
      return openFolder(parts, threads);
    } catch (IOException e) {
      throw new Fault.Broken("log cannot be read, folder=" + parts.disk().describe(), e);
    }
  }

  private static LogDriver openFolder(Parts parts, LogDriver.Threads threads) throws IOException {
    var checkpoints = new CheckpointFiles(parts.disk(), parts.log());
    var limits = parts.config().producers();
    var checkpoint = checkpoints.readNewest();
    var view =
        checkpoint == null
            ? new LogView(parts.log(), limits, parts.gates())
            : LogViewCodec.restore(checkpoint.content(), parts.log(), limits, parts.gates());
    var from = checkpoint == null ? ReplayStart.BEGINNING : checkpoint.replayStart();
    var segments =
        SegmentLog.recover(
            new SegmentLog.Parts(
                parts.disk(),
                parts.log(),
                parts.config().segments(),
                threads.background(),
                LogOpener::logBackgroundFailure),
            from,
            (frame, lsn, base) ->
                view.apply(frame, new FramePlace(lsn, lsn + FrameCodec.sizeOf(frame), base)));
    requireWanted(segments, view);
    for (var name : checkpoints.deleteUnsound(from.lsn())) {
      LOG.error("checkpoint was damaged, an older one served, log={} file={}", parts.log(), name);
    }
    long lastTerm = Math.max(view.term(), segments.recovered().lastTerm());
    LOG.info(
        "log recovered, log={} endLsn={} checkpointLsn={} partitions={} lastTerm={}",
        parts.log(),
        segments.recovered().endLsn(),
        from.lsn(),
        view.partitions().size(),
        lastTerm);
    var start =
        new LogDriver.Start(
            Math.max(parts.termFloor(), lastTerm) + 1,
            parts.incarnation(),
            from.lsn(),
            checkpoints.oldestKeptLsn());
    return new LogDriver(
        new LogDriver.Parts(
            threads, parts.clock(), parts.config(), segments, checkpoints, view, start));
  }

  /** What is wanted and not in the cold tier must be here. */
  private static void requireWanted(SegmentLog segments, LogView view) {
    if (view.coldEndLsn() < segments.segments().startLsn()) {
      throw new Fault.Broken(
          "segments are missing that are not in the cold tier, log="
              + view.log()
              + " wantedFromLsn="
              + view.coldEndLsn()
              + " firstLsn="
              + segments.segments().startLsn());
    }
  }

  private static void logBackgroundFailure(IOException failure) {
    LOG.warn("a segment file could not be closed, deleted or recycled", failure);
  }
}
