package io.tidelog.gateway.fetch;

import io.tidelog.core.PartitionId;
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

  /** The one that came last, and through {@link PartitionRead#olderWaiter} those before it. */
  private final Map<PartitionId, PartitionRead> waiting = new HashMap<>();

  private long bytes;
  private int count;

  private long turnedAway;

  /** Published: lets the log's lane skip the post to a loop where nobody waits. */
  private volatile int publishedCount;

  private volatile long publishedTurnedAway;

  public ParkedFetches(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** From any thread: whether anybody may wait. A fetch looks at the log again once it waits. */
  public boolean anyParked() {
    return publishedCount > 0;
  }

  /** From any thread: fetches waiting now. */
  public int count() {
    return publishedCount;
  }

  /** From any thread: how many found no room since the start. */
  public long turnedAway() {
    return publishedTurnedAway;
  }

  /** Tells the fetches that wait for one of {@code partitions} that it has moved. */
  public void onAdvanced(List<PartitionId> partitions) {
    var woken = new LinkedHashSet<FetchTask>();
    for (var partition : partitions) {
      for (var read = waiting.get(partition); read != null; read = read.olderWaiter()) {
        read.onAdvanced();
        woken.add(read.task());
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
      turnedAway++;
      publishedTurnedAway = turnedAway;
      return false;
    }
    bytes += size;
    count++;
    for (var read : reads) {
      var partition = read.partition();
      if (partition != null) {
        read.waitBefore(waiting.put(partition, read));
      }
    }
    publishedCount = count;
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
    publishedCount = count;
  }

  private void remove(PartitionId partition, PartitionRead read) {
    boolean isLast = read.newerWaiter() == null;
    var older = read.olderWaiter();
    read.waitNoMore();
    if (isLast && older == null) {
      waiting.remove(partition);
    } else if (isLast) {
      waiting.put(partition, older);
    }
  }

  private static long sizeBytes(List<PartitionRead> reads) {
    return FETCH_BYTES + PARTITION_BYTES * reads.size();
  }
}
