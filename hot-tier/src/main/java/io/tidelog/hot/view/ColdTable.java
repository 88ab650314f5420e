package io.tidelog.hot.view;

import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which segments still hold records somebody wants, and which of them are in the cold tier. A
 * segment without a wanted record needs no object; an object without one is no longer named here,
 * unless it is kept for a partition that has left the log. What a partition brought along is here
 * under numbers below zero, as the objects of segments that this log never had. Belongs to its
 * view.
 */
final class ColdTable {

  private static final class Covered {
    final ColdObject object;
    int liveRuns;

    Covered(ColdObject object, int liveRuns) {
      this.object = object;
      this.liveRuns = liveRuns;
    }
  }

  /** Live runs by the base LSN of segments that are not in the cold tier. */
  private final TreeMap<Long, Integer> uncovered = new TreeMap<>();

  private final TreeMap<Long, Covered> covered = new TreeMap<>();
  private final KeptTable kept = new KeptTable();
  private CoveredSegments published = CoveredSegments.NONE;
  private boolean changed;
  private long commits;

  void onRunBegun(long segmentBaseLsn) {
    if (covered.containsKey(segmentBaseLsn)) {
      throw new Fault.Broken("records in segment " + segmentBaseLsn + ", which is offloaded");
    }
    uncovered.merge(segmentBaseLsn, 1, Integer::sum);
  }

  void onRunDropped(long segmentBaseLsn) {
    var use = covered.get(segmentBaseLsn);
    if (use == null) {
      uncovered.computeIfPresent(segmentBaseLsn, (base, runs) -> runs == 1 ? null : runs - 1);
    } else if (--use.liveRuns == 0) {
      covered.remove(segmentBaseLsn);
      changed = true;
    }
  }

  /**
   * Passed over when nothing of the segment is wanted any more, or when it is offloaded already.
   */
  void onCommitted(ColdObject object) {
    var liveRuns = uncovered.remove(object.baseLsn());
    if (liveRuns != null) {
      covered.put(object.baseLsn(), new Covered(object, liveRuns));
      changed = true;
      commits++;
    }
  }

  /** What a partition brought along; its run has begun. */
  void onBrought(long segment, ColdObject object) {
    var liveRuns = uncovered.remove(segment);
    if (liveRuns == null) {
      throw new Fault.Broken("an object without a run, number " + segment);
    }
    covered.put(segment, new Covered(object, liveRuns));
    changed = true;
  }

  void keep(KeptObjects objects) {
    kept.keep(objects);
    changed = true;
  }

  void retainKept(PartitionId partition, long moveEpoch, Collection<Long> baseLsns) {
    changed |= kept.retain(partition, moveEpoch, baseLsns);
  }

  /** The object that stands for a segment, or null. */
  @Nullable ColdObject find(long segment) {
    var use = covered.get(segment);
    return use == null ? null : use.object;
  }

  /**
   * Every wanted record in a segment below this is in the cold tier; {@link Long#MAX_VALUE} when
   * every wanted record is.
   */
  long coldEndLsn() {
    return uncovered.isEmpty() ? Long.MAX_VALUE : uncovered.firstKey();
  }

  /** Counts the objects committed since this table was made. */
  long commits() {
    return commits;
  }

  boolean needsOffload(long segmentBaseLsn) {
    return uncovered.containsKey(segmentBaseLsn);
  }

  CoveredSegments published() {
    if (changed) {
      List<ColdObject> objects = new ArrayList<>(covered.size());
      covered.values().forEach(use -> objects.add(use.object));
      long[] segments = covered.keySet().stream().mapToLong(Long::longValue).toArray();
      published = new CoveredSegments(segments, objects, kept.all());
      changed = false;
    }
    return published;
  }
}
