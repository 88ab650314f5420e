package io.tidelog.hot.segment;

import io.tidelog.core.OffsetRange;
import io.tidelog.core.log.PartitionSpec;
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

  /**
   * Lists the runs of a sealed segment, sorted by topic id, partition and offset. Blocking; the
   * caller holds the segment.
   *
   * @param partitions gives id and base epoch of a partition, or null to leave it out
   */
  public static List<SegmentRun> of(
      Segment segment, IntFunction<@Nullable PartitionSpec> partitions) {
    var index = segment.index();
    var runs = new ArrayList<SegmentRun>();
    for (int ref : index.partitionRefs()) {
      var spec = partitions.apply(ref);
      var run = spec == null ? null : index.run(ref);
      if (spec != null && run != null) {
        runs.add(run(index, run, spec));
      }
    }
    runs.sort(BY_PARTITION);
    return List.copyOf(runs);
  }

  private static SegmentRun run(SegmentIndex index, IndexRun run, PartitionSpec spec) {
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
              spec.baseEpoch() + (int) stamp.term()));
    }
    return new SegmentRun(
        spec.id(),
        new OffsetRange(run.startOffset(), run.endOffset()),
        run.maxTimestampMs(),
        List.copyOf(extents));
  }
}
