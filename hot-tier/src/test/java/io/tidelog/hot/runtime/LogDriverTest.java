package io.tidelog.hot.runtime;

import static io.tidelog.hot.runtime.RunningLog.PLAIN;
import static io.tidelog.hot.runtime.RunningLog.await;
import static io.tidelog.hot.runtime.RunningLog.partition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.PartitionAdmin.ProducerEntry;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReadResult;
import io.tidelog.hot.view.TestBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogDriverTest {

  @TempDir Path folder;

  private static AppendResult appendedAt(long offset) {
    return new AppendResult.Appended(offset, 0);
  }

  @Test
  void whatIsAppendedIsReadBack() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      assertThat(log.append(0, TestBatch.of(3))).isEqualTo(appendedAt(0));
      assertThat(log.append(0, TestBatch.of(2))).isEqualTo(appendedAt(3));

      var batches = log.read(0, 0);
      assertThat(batches).extracting(b -> b.baseOffset()).containsExactly(0L, 3L);
      assertThat(batches).allMatch(b -> b.leaderEpoch() == 1);
      assertThat(log.snapshot(0).highWatermark()).isEqualTo(5);
      assertThat(log.snapshot(0).logEndOffset()).isEqualTo(5);
    }
  }

  @Test
  void aRestartLosesNothingAndRaisesTheEpoch() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      log.open(1, PLAIN);
      log.append(0, TestBatch.of(3));
      log.append(1, TestBatch.of(1));
    }
    try (var log = RunningLog.in(folder)) {
      assertThat(log.driver.partitions()).containsExactlyInAnyOrder(partition(0), partition(1));
      assertThat(log.driver.term()).isEqualTo(2);
      assertThat(log.append(0, TestBatch.of(1))).isEqualTo(appendedAt(3));
      assertThat(log.read(0, 0)).extracting(b -> b.leaderEpoch()).containsExactly(1, 2);
      assertThat(log.driver.endOfEpoch(partition(0), 1)).isEqualTo(new EpochEnd(1, 3));
      assertThat(log.driver.endOfEpoch(partition(0), 2)).isEqualTo(new EpochEnd(2, 4));
      assertThat(log.driver.endOfEpoch(partition(0), 3)).isEqualTo(EpochEnd.NONE);
    }
  }

  @Test
  void aRetryAfterARestartIsADuplicate() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      assertThat(log.append(0, TestBatch.of(3).from(9, 0, 0))).isEqualTo(appendedAt(0));
      assertThat(log.append(0, TestBatch.of(2).from(9, 0, 3))).isEqualTo(appendedAt(3));
      assertThat(log.append(0, TestBatch.of(3).from(9, 0, 0))).isEqualTo(appendedAt(0));
    }
    try (var log = RunningLog.in(folder)) {
      assertThat(log.append(0, TestBatch.of(2).from(9, 0, 3))).isEqualTo(appendedAt(3));
      assertThat(log.append(0, TestBatch.of(1).from(9, 0, 5))).isEqualTo(appendedAt(5));
      assertThat(log.append(0, TestBatch.of(1).from(9, 0, 8)))
          .isInstanceOfSatisfying(
              AppendResult.Refused.class,
              r -> assertThat(r.refusal()).isEqualTo(Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER));
      assertThat(await(log.driver.producers(partition(0))))
          .containsExactly(new ProducerEntry(9, (short) 0, 5, 1_000, new OffsetRange(5, 6)));
    }
  }

  @Test
  void manyAppendsInFlightKeepTheirOrder() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      log.open(1, PLAIN);
      List<CompletableFuture<AppendResult>> results = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        results.add(log.send(i % 2, TestBatch.of(2).recordBytes(100).bytes(), Acks.ALL));
      }
      for (int i = 0; i < results.size(); i++) {
        assertThat(await(results.get(i))).isEqualTo(appendedAt(i / 2 * 2L));
      }
      assertThat(log.snapshot(0).highWatermark()).isEqualTo(2_000);
      assertThat(log.driver.stats().groups()).isLessThan(2_000);
    }
  }

  @Test
  void heldAppendsAreWrittenWhenTheHoldEndsAndRefusedWhenTheLogDoes() {
    CompletableFuture<AppendResult> last;
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      log.hold(true);
      var held = log.send(0, TestBatch.of(3).bytes(), Acks.ALL);
      log.hold(true);
      assertThat(held).isNotDone();
      assertThat(log.snapshot(0).logEndOffset()).isZero();

      log.hold(false);
      assertThat(await(held)).isEqualTo(appendedAt(0));

      log.hold(true);
      last = log.send(0, TestBatch.of(1).bytes(), Acks.ALL);
    }
    assertThat(await(last))
        .isInstanceOfSatisfying(
            AppendResult.Refused.class,
            r -> assertThat(r.refusal()).isEqualTo(Refusal.NOT_LEADER_OR_FOLLOWER));
  }

  @Test
  void anAppendToAPartitionThatIsNotOpenIsRefused() {
    try (var log = RunningLog.in(folder)) {
      assertThat(log.append(5, TestBatch.of(1)))
          .isInstanceOfSatisfying(
              AppendResult.Refused.class,
              r -> assertThat(r.refusal()).isEqualTo(Refusal.NOT_LEADER_OR_FOLLOWER));
      assertThat(log.tryRead(5, 0, 100)).isInstanceOf(ReadResult.UnknownPartition.class);
    }
  }

  @Test
  void anExpectedOffsetThatIsNotTheNextOneIsRefused() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      log.append(0, TestBatch.of(2));
      var refused = new CompletableFuture<AppendResult>();
      var taken = new CompletableFuture<AppendResult>();
      log.driver.append(
          List.of(
              new AppendRequest(
                  partition(0), TestBatch.of(1).bytes(), Acks.ALL, 1, refused::complete),
              new AppendRequest(
                  partition(0), TestBatch.of(1).bytes(), Acks.ALL, 2, taken::complete)));
      assertThat(await(refused)).isInstanceOf(AppendResult.Refused.class);
      assertThat(await(taken)).isEqualTo(appendedAt(2));
    }
  }

  @Test
  void acksOfTheLeaderOnlyAreAnsweredToo() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      assertThat(await(log.send(0, TestBatch.of(1).bytes(), Acks.LEADER))).isEqualTo(appendedAt(0));
    }
  }

  @Test
  void aReadBehindTheEndIsOutOfRangeAndAtTheEndIsEmpty() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      log.append(0, TestBatch.of(2));
      assertThat(log.read(0, 2)).isEmpty();
      assertThat(log.tryRead(0, 3, 100)).isInstanceOf(ReadResult.OutOfRange.class);
    }
  }

  @Test
  void deletedRecordsAreOutOfRangeAlsoAfterARestart() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      log.append(0, TestBatch.of(2));
      log.append(0, TestBatch.of(2));
      assertThat(await(log.driver.deleteBefore(partition(0), 2))).isEqualTo(2L);
      assertThat(await(log.driver.deleteBefore(partition(0), 1))).isEqualTo(2L);
      assertThatThrownBy(() -> await(log.driver.deleteBefore(partition(0), 5)))
          .isInstanceOf(Fault.Refused.class);
    }
    try (var log = RunningLog.in(folder)) {
      assertThat(log.snapshot(0).logStartOffset()).isEqualTo(2);
      assertThat(log.tryRead(0, 1, 100)).isInstanceOf(ReadResult.OutOfRange.class);
      assertThat(log.read(0, 2)).hasSize(1);
    }
  }

  @Test
  void aClosedPartitionIsGoneAndOpensAgainEmpty() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      log.append(0, TestBatch.of(2));
      await(log.driver.close(List.of(partition(0), partition(7))));
      assertThat(log.driver.snapshot(partition(0))).isNull();
      log.open(0, PLAIN);
      assertThat(log.append(0, TestBatch.of(1))).isEqualTo(appendedAt(0));
    }
  }

  @Test
  void openingAgainKeepsTheRecordsAndTakesTheSettings() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      log.append(0, TestBatch.of(2));
      var other = new PartitionConfig(5, -1, -2, -2, false, true, 0, -1);
      log.open(0, other);
      assertThat(log.snapshot(0).config()).isEqualTo(other);
      assertThat(log.snapshot(0).highWatermark()).isEqualTo(2);
    }
  }

  @Test
  void listenersAreToldOnceForACommit() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, PLAIN);
      var told = new java.util.concurrent.LinkedBlockingQueue<Object>();
      log.driver.onAdvance(told::add);
      log.append(0, TestBatch.of(2));
      assertThat(told.poll()).isEqualTo(List.of(partition(0)));
      assertThat(told).isEmpty();
    }
  }

  @Test
  void tenThousandPartitionsAreOpenedTogetherAndSurvive() {
    List<PartitionSpec> specs = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      specs.add(new PartitionSpec(partition(i), 0, PLAIN));
    }
    try (var log = RunningLog.in(folder)) {
      await(log.driver.open(specs));
      assertThat(log.driver.partitions()).hasSize(10_000);
      log.append(9_999, TestBatch.of(1));
    }
    try (var log = RunningLog.in(folder)) {
      assertThat(log.driver.partitions()).hasSize(10_000);
      assertThat(log.read(9_999, 0)).hasSize(1);
    }
  }
}
