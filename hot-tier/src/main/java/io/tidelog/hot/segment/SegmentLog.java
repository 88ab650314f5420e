package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The files of one segment log, recovered and open: the writer for its lane, the reads for
 * everyone, and the blocking work in between for the threads of the runtime. What frames mean is
 * left to others.
 */
public final class SegmentLog {

  private final Parts parts;
  private final SegmentSet segments;
  private final SegmentReads reads;
  private final RawReads rawReads;
  private final SegmentWriter writer;
  private final SpareSegments spares;
  private final SpaceReserve reserve;
  private final Recovered recovered;

  /**
   * What a log is opened with.
   *
   * @param background runs blocking work that is in no hurry: closing, deleting and recycling files
   * @param onBackgroundFailure told of what failed there; nothing is lost by it
   */
  public record Parts(
      LogDisk disk,
      LogId log,
      SegmentConfig config,
      Executor background,
      Consumer<IOException> onBackgroundFailure) {}

  /**
   * What recovery found out.
   *
   * @param endLsn where the log goes on; below it everything is durable
   * @param commitLsn the highest commit LSN the disk speaks of
   * @param lastTerm of the last write group seen, 0 when none was
   * @param lastAppendTimeMs of that group, 0 when none was seen
   */
  public record Recovered(long endLsn, long commitLsn, long lastTerm, long lastAppendTimeMs) {}

  private SegmentLog(Parts parts, LogRecovery.RecoveredLog found) {
    this.parts = parts;
    this.spares = new SpareSegments(parts.disk(), parts.config());
    this.reserve = new SpaceReserve(parts.disk(), parts.config());
    var retirement =
        new SegmentRetirement(
            parts.disk(), spares, parts.background(), parts.onBackgroundFailure());
    var indexLoader = new IndexLoader(parts.disk(), parts.log());
    List<Segment> list = new ArrayList<>();
    for (var segment : found.segments()) {
      list.add(
          new Segment(segment.file(), segment.span(), segment.index(), indexLoader, retirement));
    }
    list.subList(0, list.size() - 1).forEach(Segment::seal);
    var segments = new SegmentSet(parts.disk(), list);
    var ring = new TailRing(parts.config());
    this.reads = new SegmentReads(segments, ring);
    this.rawReads = new RawReads(parts.log(), segments, ring);
    this.writer =
        new SegmentWriter(
            new SegmentWriter.Parts(
                parts.disk(),
                parts.log(),
                parts.config(),
                segments,
                ring,
                spares,
                reserve,
                retirement,
                indexLoader));
    this.segments = segments;
    this.recovered =
        new Recovered(
            writer.endLsn(), found.commitLsn(), found.lastTerm(), found.lastAppendTimeMs());
  }

  /**
   * Recovers the log in the folder, or begins it when the folder is empty, and replays it from
   * {@code start} on. Blocking.
   *
   * @throws Fault.Broken when a byte below the commit LSN is missing or damaged, when a frame is of
   *     a newer version, or when the disk fails
   */
  public static SegmentLog recover(
      Parts parts, ReplayStart start, CopyStanding standing, FrameVisitor visitor) {
    var found = new LogRecovery(parts.disk(), parts.log(), standing).recover(start, visitor);
    return new SegmentLog(parts, found);
  }

  public Recovered recovered() {
    return recovered;
  }

  /** For the log's lane only. */
  public SegmentWriter writer() {
    return writer;
  }

  public SegmentReads reads() {
    return reads;
  }

  /** Write groups as they are sent to other replicas. */
  public RawReads rawReads() {
    return rawReads;
  }

  public SegmentSet segments() {
    return segments;
  }

  /**
   * The work that finishes a segment which {@link SegmentWriter#takeSealed} gave; after it has run,
   * or failed, hand it to {@link SegmentWriter#onSealed} on the lane.
   */
  public SegmentSeal seal(Segment sealed) {
    return new SegmentSeal(parts.disk(), parts.log(), sealed);
  }

  /** Lane: holds a segment to be sealed once more; false when it was trimmed. */
  public boolean retain(Segment sealed) {
    return segments.retain(sealed.baseLsn()) != null;
  }

  /**
   * Opens a sealed segment for offloading, on a channel of its own. Blocking.
   *
   * @param term the term in which it is handed out
   * @param partitions gives what is known of a partition, or null to leave its records out
   * @return null when it was trimmed meanwhile
   */
  public @Nullable SealedSegment openSealed(
      long baseLsn, long term, IntFunction<SegmentRuns.@Nullable Wanted> partitions) {
    var segment = segments.retain(baseLsn);
    if (segment == null) {
      return null;
    }
    boolean opened = false;
    try {
      var runs = SegmentRuns.of(segment, partitions);
      var file = parts.disk().open(segment.name());
      opened = true;
      return new OffloadSegment(parts.log(), term, segment, file, runs);
    } catch (IOException e) {
      throw new Fault.Retriable("segment cannot be opened, segment=" + segment.name(), e);
    } finally {
      if (!opened) {
        segment.release();
      }
    }
  }

  /**
   * Prepares spare segments and the reserve. Blocking; to be run now and then, by one thread at a
   * time, and after segments were trimmed.
   */
  public void upkeep() throws IOException {
    reserve.restore();
    spares.prepare();
  }

  /** Lane: as {@link #close}, but writes and cuts nothing. */
  public void abandon() {
    writer.abandon();
  }

  /** Blocking, after {@link #abandon}, by the thread that does the upkeep. */
  public void closeSpares() throws IOException {
    spares.close();
  }

  /** Lane: closes the files when their last reader lets go. May be called twice. */
  public void close() {
    writer.close();
  }
}
