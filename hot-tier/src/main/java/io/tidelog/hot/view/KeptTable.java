package io.tidelog.hot.view;

import io.tidelog.core.PartitionId;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;

/** What a log keeps in the cold tier for partitions that have left it. Belongs to its view. */
final class KeptTable {

  private record Key(PartitionId partition, long moveEpoch) {}

  private static final Comparator<Key> BY_PARTITION_AND_MOVE =
      Comparator.comparing((Key key) -> key.partition().topicId())
          .thenComparingInt(key -> key.partition().partition())
          .thenComparingLong(Key::moveEpoch);

  private final TreeMap<Key, KeptObjects> kept = new TreeMap<>(BY_PARTITION_AND_MOVE);

  /** Kept until it is said that they are not needed. */
  void keep(KeptObjects objects) {
    if (!objects.objects().isEmpty()) {
      kept.put(new Key(objects.partition(), objects.moveEpoch()), objects);
    }
  }

  /**
   * As {@link io.tidelog.hot.format.Frame.MoveNeeds}; gives whether anything goes.
   *
   * @param baseLsns of what is needed
   */
  boolean retain(PartitionId partition, long moveEpoch, Collection<Long> baseLsns) {
    var needed = new HashSet<>(baseLsns);
    boolean isLess = false;
    var of =
        kept.subMap(new Key(partition, Long.MIN_VALUE), true, new Key(partition, moveEpoch), true);
    for (var objects : List.copyOf(of.values())) {
      var left = objects.objects().stream().filter(one -> needed.contains(one.baseLsn())).toList();
      if (left.size() < objects.objects().size()) {
        isLess = true;
        var key = new Key(partition, objects.moveEpoch());
        kept.remove(key);
        keep(new KeptObjects(partition, objects.moveEpoch(), left));
      }
    }
    return isLess;
  }

  List<KeptObjects> all() {
    return List.copyOf(kept.values());
  }
}
