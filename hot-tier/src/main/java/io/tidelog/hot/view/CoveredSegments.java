package io.tidelog.hot.view;

import io.tidelog.core.log.ColdObject;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The cold objects that stand for segments of a log, at one moment, those that a partition brought
 * along from another log, and those kept for partitions that have left. Immutable.
 */
public final class CoveredSegments {

  static final CoveredSegments NONE = new CoveredSegments(new long[0], List.of(), List.of());

  private final long[] segments;
  private final List<ColdObject> objects;
  private final List<KeptObjects> kept;

  /**
   * @param segments ascending, one for each object: a base LSN, or a number of {@link
   *     PartitionView#broughtSegment}
   */
  CoveredSegments(long[] segments, List<ColdObject> objects, List<KeptObjects> kept) {
    this.segments = segments;
    this.objects = List.copyOf(objects);
    this.kept = kept;
  }

  /**
   * @param segment as {@link PublishedRuns#segmentBaseLsn} names it
   */
  public @Nullable ColdObject find(long segment) {
    int index = Arrays.binarySearch(segments, segment);
    return index < 0 ? null : objects.get(index);
  }

  int count() {
    return objects.size();
  }

  long segmentAt(int index) {
    return segments[index];
  }

  ColdObject objectAt(int index) {
    return objects.get(index);
  }

  /** Objects of this log for partitions that have left it. */
  public List<KeptObjects> kept() {
    return kept;
  }

  /** Of every object that is needed, by a partition here or by one that has left. */
  public Set<String> keys() {
    Set<String> keys = new HashSet<>();
    objects.forEach(object -> keys.add(object.key()));
    kept.forEach(of -> of.objects().forEach(one -> keys.add(one.key())));
    return keys;
  }
}
