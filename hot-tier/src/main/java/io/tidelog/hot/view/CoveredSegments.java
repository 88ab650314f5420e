package io.tidelog.hot.view;

import io.tidelog.core.log.ColdObject;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The cold objects that stand for segments of a log, at one moment. Immutable. */
public final class CoveredSegments {

  static final CoveredSegments NONE = of(List.of());

  private final long[] baseLsns;
  private final List<ColdObject> objects;

  private CoveredSegments(long[] baseLsns, List<ColdObject> objects) {
    this.baseLsns = baseLsns;
    this.objects = objects;
  }

  /** Of objects in the order of their base LSN. */
  static CoveredSegments of(List<ColdObject> objects) {
    return new CoveredSegments(
        objects.stream().mapToLong(ColdObject::baseLsn).toArray(), List.copyOf(objects));
  }

  public @Nullable ColdObject find(long segmentBaseLsn) {
    int index = Arrays.binarySearch(baseLsns, segmentBaseLsn);
    return index < 0 ? null : objects.get(index);
  }

  /** In the order of their base LSN. */
  List<ColdObject> objects() {
    return objects;
  }

  public Set<String> keys() {
    Set<String> keys = new HashSet<>();
    objects.forEach(object -> keys.add(object.key()));
    return keys;
  }
}
