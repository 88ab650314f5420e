package io.tidelog.delay;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.DelayedLog;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PendingRecords;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Has the cold tier load pending records that are nowhere else, shortly before they are due, so
 * that nobody who waits for them waits for the object store as well. Looks once a second for the
 * records due next, asks for each place once, and leaves what was read to the cold tier's cache.
 * What fails is read again by whoever needs it. Owned by one lane.
 */
public final class PendingPrefetch implements AutoCloseable {

  private static final long LOOK_NS = 1_000_000_000;

  private static final Comparator<PendingRecords> DUE_NEXT =
      Comparator.comparingLong(PendingRecords::nextDueMs);

  private final Sources sources;
  private final Lane lane;
  private final Clock clock;
  private final long aheadMs;
  private final int maxPartitions;

  /** The first pending offset that was asked for last, of partitions that still wait for it. */
  private final Map<PartitionId, Long> asked = new HashMap<>();

  private Runnable cancelLook = () -> {};
  private boolean isClosed;

  /** Where records wait and where they are read. */
  public record Sources(DelayedLog delayed, LogReader log, ColdReader cold) {}

  /**
   * @param aheadMs how long before they are due records are loaded, 0 for never
   * @param maxPartitions for how many partitions at one look
   */
  public PendingPrefetch(Sources sources, Lane lane, Clock clock, long aheadMs, int maxPartitions) {
    this.sources = sources;
    this.lane = lane;
    this.clock = clock;
    this.aheadMs = aheadMs;
    this.maxPartitions = maxPartitions;
  }

  public void start() {
    if (aheadMs > 0) {
      lane.execute(this::look);
    }
  }

  private void look() {
    if (isClosed) {
      return;
    }
    cancelLook = lane.executeAt(clock.monotonicNs() + LOOK_NS, this::look);
    long untilMs = clock.wallMs() + aheadMs;
    var wanted =
        sources.delayed().pending().stream()
            .filter(pending -> pending.nextDueMs() <= untilMs && isOnlyCold(pending))
            .sorted(DUE_NEXT)
            .limit(maxPartitions)
            .toList();
    forgetOthers(wanted);
    wanted.forEach(this::maybeLoad);
  }

  private static boolean isOnlyCold(PendingRecords pending) {
    return pending.at().visibleEndOffset() < pending.at().localLogStartOffset();
  }

  private void forgetOthers(List<PendingRecords> wanted) {
    var ids = new HashSet<PartitionId>();
    wanted.forEach(pending -> ids.add(pending.at().id()));
    asked.keySet().retainAll(ids);
  }

  private void maybeLoad(PendingRecords pending) {
    var id = pending.at().id();
    long offset = pending.at().visibleEndOffset();
    if (Long.valueOf(offset).equals(asked.put(id, offset))) {
      return;
    }
    var request = new ReadRequest(id, offset, 1, true, ReadRequest.UpTo.HIGH_WATERMARK);
    sources
        .log()
        .read(
            request,
            found -> {
              if (found instanceof ReadResult.Cold(var at, var references)) {
                sources.cold().read(request, at, references, PendingPrefetch::letGo);
              } else {
                letGo(found);
              }
            });
  }

  private static void letGo(ReadResult found) {
    if (found instanceof ReadResult.Records(_, var bytes)) {
      bytes.close();
    }
  }

  @Override
  public void close() {
    lane.execute(
        () -> {
          isClosed = true;
          cancelLook.run();
        });
  }
}
