package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadResult;
import io.tidelog.hot.disk.FaultyLogDisk;
import io.tidelog.hot.view.TestBatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is published of partitions never contradicts itself, whatever is appended, deleted,
 * offloaded, trimmed, reconfigured, closed and lost in between.
 */
@Timeout(120)
class LogInvariantsTest {

  private static final int PARTITIONS = 4;
  private static final int STEPS = 1_500;

  private final Map<Integer, PartitionSnapshot> last = new HashMap<>();

  private static PartitionConfig config(Random random) {
    return new PartitionConfig(
        random.nextBoolean() ? -1 : 20_000,
        random.nextBoolean() ? -1 : 30_000,
        random.nextInt(5_000),
        -2,
        false,
        true,
        random.nextInt(3) == 0 ? random.nextInt(3_000) : 0,
        -1);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void endsNeverContradictOneAnother(long seed) {
    var random = new Random(seed);
    var log =
        new SteppedLog(new FaultyLogDisk(new Random(seed)), LogCrashTest.SMALL, new Random(seed));
    for (int step = 0; step < STEPS; step++) {
      int number = random.nextInt(PARTITIONS);
      boolean isOpen = log.driver.snapshot(SteppedLog.partition(number)) != null;
      if (!isOpen) {
        last.remove(number);
        log.open(number, config(random));
      } else {
        disturb(log, number, random);
      }
      for (int i = 0; i < PARTITIONS; i++) {
        check(log, i, "seed " + seed + " step " + step + " partition " + i);
      }
    }
  }

  private void disturb(SteppedLog log, int number, Random random) {
    var id = SteppedLog.partition(number);
    switch (random.nextInt(40)) {
      case 0 -> log.crash();
      case 1 -> log.await(log.driver.close(List.of(id)));
      case 2 -> log.await(log.driver.configure(List.of(id), config(random)));
      case 3 -> {
        long end = log.snapshot(number).visibleEndOffset();
        long start = log.snapshot(number).logStartOffset();
        log.await(log.driver.deleteBefore(id, start + random.nextLong(end - start + 1)));
      }
      case 4 -> log.await(log.driver.deliverPending(List.of(id)));
      case 5, 6, 7, 8 -> offloadOne(log);
      case 9, 10, 11 -> log.advance(random.nextInt(3_000));
      case 12 -> log.await(log.driver.roll());
      default ->
          log.append(
              number,
              TestBatch.of(1 + random.nextInt(20)).recordBytes(60).at(log.wallMs()).bytes());
    }
  }

  private static void offloadOne(SteppedLog log) {
    log.settle();
    try (var segment = log.driver.nextToOffload(RunningLog.LOG)) {
      if (segment != null) {
        var object =
            new ColdObject(
                segment.log(),
                segment.term(),
                segment.baseLsn(),
                segment.endLsn(),
                "object-" + segment.baseLsn(),
                1,
                1,
                1);
        log.await(log.driver.commit(object));
      }
    }
  }

  private void check(SteppedLog log, int number, String where) {
    var now = log.driver.snapshot(SteppedLog.partition(number));
    if (now == null) {
      return;
    }
    assertThat(now.logStartOffset()).as(where).isLessThanOrEqualTo(now.localLogStartOffset());
    assertThat(now.logStartOffset()).as(where).isLessThanOrEqualTo(now.visibleEndOffset());
    assertThat(now.visibleEndOffset()).as(where).isLessThanOrEqualTo(now.highWatermark());
    assertThat(now.highWatermark()).as(where).isLessThanOrEqualTo(now.logEndOffset());
    assertThat(now.tieredEndOffset()).as(where).isLessThanOrEqualTo(now.highWatermark());
    // Only what is in the cold tier may leave the hot one.
    if (now.localLogStartOffset() > now.logStartOffset()) {
      assertThat(now.localLogStartOffset()).as(where).isLessThanOrEqualTo(now.tieredEndOffset());
    }
    assertThat(now.hotBytes()).as(where).isLessThanOrEqualTo(now.totalBytes());
    var before = last.put(number, now);
    if (before != null) {
      assertThat(now.logStartOffset()).as(where).isGreaterThanOrEqualTo(before.logStartOffset());
      assertThat(now.highWatermark()).as(where).isGreaterThanOrEqualTo(before.highWatermark());
      assertThat(now.visibleEndOffset())
          .as(where)
          .isGreaterThanOrEqualTo(before.visibleEndOffset());
      assertThat(now.leaderEpoch()).as(where).isGreaterThanOrEqualTo(before.leaderEpoch());
    }
    if (now.logStartOffset() < now.visibleEndOffset()) {
      checkRead(log, number, now, where);
    }
  }

  /** Each visible offset is served by one tier, and the first one of the hot tier by it. */
  private static void checkRead(SteppedLog log, int number, PartitionSnapshot now, String where) {
    var first = log.read(number, now.logStartOffset(), 1_000);
    if (now.logStartOffset() < now.localLogStartOffset()) {
      assertThat(first)
          .as(where)
          .isInstanceOfSatisfying(
              ReadResult.Cold.class,
              cold ->
                  assertThat(cold.references().getFirst().offsets().contains(now.logStartOffset()))
                      .as(where)
                      .isTrue());
    }
    if (now.localLogStartOffset() < now.visibleEndOffset()) {
      assertThat(log.read(number, now.localLogStartOffset(), 1_000))
          .as(where)
          .isInstanceOfSatisfying(
              ReadResult.Records.class,
              records -> {
                try (var bytes = records.bytes()) {
                  var headers = RunningLog.headers(RunningLog.copy(bytes));
                  assertThat(headers).as(where).isNotEmpty();
                  assertThat(headers.getFirst().baseOffset())
                      .as(where)
                      .isLessThanOrEqualTo(now.localLogStartOffset());
                  assertThat(headers.getFirst().endOffset())
                      .as(where)
                      .isGreaterThan(now.localLogStartOffset());
                }
              });
    }
  }
}
