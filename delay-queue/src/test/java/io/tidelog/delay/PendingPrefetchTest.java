package io.tidelog.delay;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.DelayedLog;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.PendingRecords;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.testkit.ManualClock;
import io.tidelog.testkit.SteppedLane;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PendingPrefetchTest {

  private static final long NOW_MS = 1_000_000;
  private static final long AHEAD_MS = 10_000;

  private final ManualClock clock = new ManualClock(NOW_MS);
  private final SteppedLane lane = new SteppedLane(clock);
  private final FakeTiers tiers = new FakeTiers();

  private PendingPrefetch prefetch(long aheadMs, int maxPartitions) {
    var prefetch =
        new PendingPrefetch(
            new PendingPrefetch.Sources(tiers, tiers, tiers), lane, clock, aheadMs, maxPartitions);
    prefetch.start();
    return prefetch;
  }

  @AfterEach
  void everythingReadWasGivenBack() {
    assertThat(tiers.openBytes).isZero();
  }

  @Test
  void whatIsOnlyColdIsLoadedOnceShortlyBeforeItIsDue() {
    prefetch(AHEAD_MS, 10);
    tiers.pending = List.of(pending(1, 5, 100, NOW_MS + 60_000));
    lane.runForMs(49_000);
    assertThat(tiers.coldReads).isEmpty();
    lane.runForMs(2_000);
    assertThat(tiers.coldReads).containsExactly(request(1, 5));
    lane.runForMs(9_000);
    assertThat(tiers.coldReads).as("asked for once").hasSize(1);

    tiers.pending = List.of(pending(1, 40, 100, NOW_MS + 61_000));
    lane.runForMs(1_000);
    assertThat(tiers.coldReads).as("what is due next").hasSize(2).endsWith(request(1, 40));
  }

  @Test
  void whatIsStillHereIsLeftAlone() {
    tiers.pending = List.of(pending(1, 100, 100, NOW_MS + 1));
    prefetch(AHEAD_MS, 10);
    lane.runForMs(3_000);
    assertThat(tiers.coldReads).isEmpty();
  }

  @Test
  void thoseDueNextComeFirstWhenThereAreTooMany() {
    tiers.pending =
        List.of(
            pending(1, 5, 100, NOW_MS + 3_000),
            pending(2, 6, 100, NOW_MS + 1_000),
            pending(3, 7, 100, NOW_MS + 2_000));
    prefetch(AHEAD_MS, 2);
    lane.runReady();
    assertThat(tiers.coldReads).containsExactly(request(2, 6), request(3, 7));
  }

  @Test
  void aReadThatFailsHarmsNothing() {
    tiers.pending = List.of(pending(1, 5, 100, NOW_MS + 1_000));
    tiers.fails = true;
    prefetch(AHEAD_MS, 10);
    lane.runForMs(5_000);
    assertThat(tiers.coldReads).hasSize(1);
  }

  @Test
  void nothingIsLoadedWhenItIsOffOrClosed() {
    tiers.pending = List.of(pending(1, 5, 100, NOW_MS + 1_000));
    prefetch(0, 10);
    prefetch(AHEAD_MS, 10).close();
    lane.runForMs(5_000);
    tiers.pending = List.of(pending(1, 50, 100, NOW_MS + 1_000));
    lane.runForMs(5_000);
    assertThat(tiers.coldReads).doesNotContain(request(1, 50));
  }

  private static PartitionId id(int partition) {
    return new PartitionId(new UUID(0, 1), partition);
  }

  private static ReadRequest request(int partition, long offset) {
    return new ReadRequest(id(partition), offset, 1, true, ReadRequest.UpTo.HIGH_WATERMARK);
  }

  private static PendingRecords pending(
      int partition, long visibleEnd, long localStart, long dueMs) {
    var config = new PartitionConfig(-1, -1, -2, -2, false, true, 60_000, -1);
    var at =
        new PartitionSnapshot(
            id(partition), config, 0, localStart, 100, visibleEnd, 100, 100, 100, 0, 0, 0);
    return new PendingRecords(at, 10, dueMs, dueMs);
  }

  /** A log of which everything before the local start is in one object. */
  private static final class FakeTiers implements DelayedLog, LogReader, ColdReader {

    private final List<ReadRequest> coldReads = new ArrayList<>();
    private List<PendingRecords> pending = List.of();
    private boolean fails;
    private int openBytes;

    @Override
    public List<PendingRecords> pending() {
      return pending;
    }

    @Override
    public CompletionStage<Void> deliverPending(List<PartitionId> partitions) {
      return CompletableFuture.failedStage(new UnsupportedOperationException());
    }

    @Override
    public PartitionSnapshot snapshot(PartitionId partition) {
      return pending.stream()
          .map(PendingRecords::at)
          .filter(at -> at.id().equals(partition))
          .findFirst()
          .orElseThrow();
    }

    @Override
    public void read(ReadRequest request, ReadCompletion completion) {
      var at = snapshot(request.partition());
      var object = new ColdObject(new LogId(new UUID(0, 2)), 1, 0, 100, "object", 100, 10, 1);
      var reference = new ColdReference(object, at.id(), new OffsetRange(0, 100));
      completion.onCompleted(new ReadResult.Cold(at, List.of(reference)));
    }

    @Override
    public void read(
        ReadRequest request,
        PartitionSnapshot at,
        List<ColdReference> references,
        ReadCompletion completion) {
      coldReads.add(request);
      if (fails) {
        completion.onCompleted(new ReadResult.Failed(new Fault.Retriable("no store")));
        return;
      }
      openBytes++;
      completion.onCompleted(new ReadResult.Records(at, new CountedBytes()));
    }

    @Override
    public void findByTime(TimeRequest request, ReadCompletion completion) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void findByTime(
        TimeRequest request,
        PartitionSnapshot at,
        List<ColdReference> references,
        ReadCompletion completion) {
      throw new UnsupportedOperationException();
    }

    @Override
    public EpochEnd endOfEpoch(PartitionId partition, int leaderEpoch) {
      return EpochEnd.NONE;
    }

    @Override
    public void onAdvance(AdvanceListener listener) {}

    private final class CountedBytes implements RecordBytes {

      @Override
      public int sizeBytes() {
        return 10;
      }

      @Override
      public List<Part> parts() {
        return List.of();
      }

      @Override
      public void close() {
        openBytes--;
      }
    }
  }
}
