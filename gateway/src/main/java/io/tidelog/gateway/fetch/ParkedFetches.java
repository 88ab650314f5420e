package io.tidelog.gateway.fetch;

import io.tidelog.core.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * The fetches of one event loop that wait for records, by the partitions they wait for. Their
 * number is bounded by an estimate of the memory they hold.
 */
public final class ParkedFetches {

  private static final long FETCH_BYTES = 512;
  private static final long PARTITION_BYTES = 192;

  private final long maxBytes;
  private final Map<PartitionId, List<PartitionRead>> waiting = new HashMap<>();

  private long bytes;
  private int count;

  /** Lets the log's lane skip the post to a loop where nobody waits. */
  private volatile boolean anyParked;

  public ParkedFetches(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** From any thread: whether anybody may wait. A fetch looks at the log again once it waits. */
  public boolean anyParked() {
    return anyParked;
  }

  /** Fetches waiting now. */
  public int count() {
    return count;
  }

  /** Tells the fetches that wait for one of {@code partitions} that it has moved. */
  public void onAdvanced(List<PartitionId> partitions) {
    var woken = new LinkedHashSet<FetchTask>();
    for (var partition : partitions) {
      var reads = waiting.get(partition);
      if (reads != null) {
        for (var read : reads) {
          read.onAdvanced();
          woken.add(read.task());
        }
      }
    }
    woken.forEach(FetchTask::onWoken);
  }

  /**
   * Lets a fetch wait for its readable partitions.
   *
   * @return false when there is no room
   */
  boolean park(List<PartitionRead> reads) {
    long size = sizeBytes(reads);
    if (bytes + size > maxBytes) {
      return false;
    }
    bytes += size;
    count++;
    for (var read : reads) {
      var partition = read.partition();
      if (partition != null) {
        var others = waiting.computeIfAbsent(partition, _ -> new ArrayList<>(2));
        read.setParkedAt(others.size());
        others.add(read);
      }
    }
    anyParked = true;
    return true;
  }

  void unpark(List<PartitionRead> reads) {
    bytes -= sizeBytes(reads);
    count--;
    for (var read : reads) {
      var partition = read.partition();
      if (partition != null) {
        remove(partition, read);
      }
    }
    anyParked = count > 0;
  }

  /** Puts the last one in the place of the one that goes. */
  private void remove(PartitionId partition, PartitionRead read) {
    var others = waiting.get(partition);
    if (others == null) {
      throw new IllegalStateException("nobody waits for " + partition);
    }
    var last = others.removeLast();
    if (last != read) {
      others.set(read.parkedAt(), last);
      last.setParkedAt(read.parkedAt());
    }
    if (others.isEmpty()) {
      waiting.remove(partition);
    }
  }

  private static long sizeBytes(List<PartitionRead> reads) {
    return FETCH_BYTES + PARTITION_BYTES * reads.size();
  }
}
