package io.tidelog.hot.runtime;

import static io.tidelog.hot.runtime.RunningLog.PLAIN;
import static io.tidelog.hot.runtime.RunningLog.await;
import static io.tidelog.hot.runtime.RunningLog.partition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.ReadResult;
import io.tidelog.hot.format.Frame.MoveStep.Step;
import io.tidelog.hot.format.ImportedHistory;
import io.tidelog.hot.format.ImportedState;
import io.tidelog.hot.move.MoveStanding;
import io.tidelog.hot.view.TestBatch;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The frames of a move in a log with real files and threads. */
class MoveDeskTest {

  private static final long MOVE = 9;

  @TempDir Path folder;

  private static <T> T onLane(RunningLog log, Function<MoveDesk, CompletionStage<T>> call) {
    var done = new CompletableFuture<T>();
    log.driver
        .replica()
        .lane()
        .execute(
            () -> {
              var unused =
                  call.apply(log.driver.moves())
                      .whenComplete(
                          (value, failure) -> {
                            if (failure == null) {
                              done.complete(value);
                            } else {
                              done.completeExceptionally(failure);
                            }
                          });
            });
    return await(done);
  }

  private static MoveStanding standing(RunningLog log) {
    return onLane(log, moves -> CompletableFuture.completedStage(moves.standing(partition(0))));
  }

  private static void beginImport(RunningLog log) {
    var nothing = new ImportedHistory(PLAIN, 5, List.of());
    onLane(log, moves -> moves.begin(partition(0), MOVE, nothing));
    ByteBuffer records = TestBatch.of(3).bytesAt(5);
    records.putInt(12, 4); // written in leader epoch 4
    onLane(log, moves -> moves.importRecords(partition(0), MOVE, records));
  }

  @Test
  void aClosedPartitionIsReadAndNotWrittenAndAfterARestartOnlyWhenItLivesHereStill() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      log.append(0, TestBatch.of(3));
      onLane(log, moves -> moves.step(partition(0), MOVE, Step.CLOSE));
      assertRefused(log.append(0, TestBatch.of(1)));
      assertThat(log.read(0, 0)).hasSize(1);
    }
    try (var log = RunningLog.in(folder)) {
      assertRefused(log.append(0, TestBatch.of(1)));
      assertThat(log.driver.snapshot(partition(0))).isNull();
      onLane(
          log,
          moves -> {
            assertThat(moves.isDoubtful(partition(0))).isTrue();
            moves.onAtHome(partition(0));
            return CompletableFuture.completedStage(moves.isDoubtful(partition(0)));
          });
      assertThat(log.snapshot(0).highWatermark()).isEqualTo(3);
      onLane(log, moves -> moves.step(partition(0), MOVE, Step.REOPEN));
      assertThat(log.append(0, TestBatch.of(1))).isEqualTo(new AppendResult.Appended(3, 0));
      onLane(log, moves -> moves.step(partition(0), MOVE + 1, Step.CLOSE));
      onLane(log, moves -> moves.step(partition(0), MOVE + 1, Step.RELEASE));
      assertThat(log.driver.snapshot(partition(0))).isNull();
    }
  }

  private static void assertRefused(AppendResult result) {
    assertThat(result)
        .isInstanceOfSatisfying(
            AppendResult.Refused.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.NOT_LEADER_OR_FOLLOWER));
  }

  @Test
  void whatComesInIsShownWhenItIsOpenedAndNotBefore() {
    try (var log = RunningLog.in(folder)) {
      beginImport(log);
      assertThat(log.driver.snapshot(partition(0))).isNull();
      assertThat(log.driver.partitions()).isEmpty();
      assertThat(log.tryRead(0, 5, 1_000)).isInstanceOf(ReadResult.UnknownPartition.class);
      assertRefused(log.append(0, TestBatch.of(1)));
    }
    try (var log = RunningLog.in(folder)) {
      assertThat(standing(log)).isEqualTo(new MoveStanding.Importing(MOVE, 8));
      var epochs = List.of(new ImportedState.EpochStart(4, 5));
      var state = new ImportedState(PLAIN, 6, 0, -1, epochs, List.of(), null);
      onLane(log, moves -> moves.end(partition(0), MOVE, state));
      assertThat(log.driver.snapshot(partition(0))).isNull();
      onLane(log, moves -> moves.open(partition(0), MOVE, 7));
      assertThat(log.snapshot(0).logStartOffset()).isEqualTo(6);
      assertThat(log.append(0, TestBatch.of(1))).isEqualTo(new AppendResult.Appended(8, 6));
      assertThat(log.read(0, 6))
          .extracting(batch -> batch.leaderEpoch())
          .containsExactly(4, 7 + (int) log.driver.term());
    }
  }

  @Test
  void aSegmentWithRecordsThatAreComingInIsOffloadedWithThem() {
    try (var log = RunningLog.in(folder)) {
      beginImport(log);
      await(log.driver.roll());
      beginNext(log);
      await().until(() -> log.driver.nextToOffload(RunningLog.LOG) != null);
      try (var segment = log.driver.nextToOffload(RunningLog.LOG)) {
        assertThat(segment.runs()).hasSize(1);
        var run = segment.runs().getFirst();
        assertThat(run.partition()).isEqualTo(partition(0));
        assertThat(run.offsets().start()).isEqualTo(5);
        assertThat(run.extents()).extracting(extent -> extent.leaderEpoch()).containsExactly(4);
      }
    }
  }

  /** Something behind the segment that is sealed. */
  private static void beginNext(RunningLog log) {
    log.open(1, PLAIN);
  }
}
