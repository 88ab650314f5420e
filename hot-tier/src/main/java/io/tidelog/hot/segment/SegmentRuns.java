package io.tidelog.hot.segment;

import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.SegmentRun;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** What a sealed segment holds, partition by partition, for those who offload it. */
public final class SegmentRuns {

  private static final Comparator<SegmentRun> BY_PARTITION =
      Comparator.comparing((SegmentRun run) -> run.partition().topicId())
          .thenComparingInt(run -> run.partition().partition());

  private SegmentRuns() {}

  /** A partition that is to be offloaded. */
  public record Wanted(PartitionId id, EpochAt epochs) {}

  /** Tells the leader epoch that clients see of a record. */
  public interface EpochAt {

    /**
     * @param term in which it was written to this log
     */
    int epochOf(long offset, long term);
  }

  /**
   * Lists the runs of a sealed segment, sorted by topic id, partition and offset. Blocking; the
   * caller holds the segment.
   *
   * @param partitions gives what is known of a partition, or null to leave it out
   */
  public static List<SegmentRun> of(Segment segment, IntFunction<@Nullable Wanted> partitions) {
    var index = segment.index();
    var runs = new ArrayList<SegmentRun>();
    for (int ref : index.partitionRefs()) {
      var wanted = partitions.apply(ref);
      var run = wanted == null ? null : index.run(ref);
      if (wanted != null && run != null) {
        runs.add(run(index, run, wanted));
      }
    }
    runs.sort(BY_PARTITION);
    return List.copyOf(runs);
  }

  private static SegmentRun run(SegmentIndex index, IndexRun run, Wanted wanted) {
    var extents = new ArrayList<SegmentRun.Extent>(run.count());
    for (int i = 0; i < run.count(); i++) {
      var stamp = index.stampAt(run.position(i));
      extents.add(
          new SegmentRun.Extent(
              new OffsetRange(run.baseOffset(i), run.endOffset(i)),
              run.position(i),
              run.sizeBytes(i),
              run.maxTimestampMs(i),
              stamp.appendTimeMs(),
              wanted.epochs().epochOf(run.baseOffset(i), stamp.term())));
    }
    return new SegmentRun(
        wanted.id(),
        new OffsetRange(run.startOffset(), run.endOffset()),
        run.maxTimestampMs(),
        List.copyOf(extents));
  }
}
