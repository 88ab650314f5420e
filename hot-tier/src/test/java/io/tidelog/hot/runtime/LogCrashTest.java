package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.log.AppendResult;
import io.tidelog.hot.disk.FaultyLogDisk;
import io.tidelog.hot.leader.AdmissionPlanner;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.segment.SegmentConfig;
import io.tidelog.hot.view.ProducerLimits;
import io.tidelog.hot.view.TestBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Idempotent producers retry until they are answered while the power goes, syncs fail and the disk
 * fills up. At the end each of their batches is in the log once, in order, and every answer was
 * true.
 */
class LogCrashTest {

  private static final int PARTITIONS = 3;
  private static final int STEPS = 3_000;

  static final HotTierConfig SMALL =
      new HotTierConfig(
          new SegmentConfig(
              16 << 10, 60_000, 8 << 10, 4 << 10, 8 << 10, 1, 4 << 10, 4 << 10, 8 << 10),
          ProducerLimits.DEFAULT,
          Durability.FSYNC,
          new AdmissionPlanner.Limits(1L << 40, 1L << 41),
          new HotTierConfig.Limits(1 << 20, 1 << 20, 8 << 10, 12 << 10, 100),
          new HotTierConfig.Timing(500, 30_000, 1_000, 500_000),
          1,
          HotTierConfig.Replication.DEFAULT);

  /** A producer of one partition, with one batch in flight. */
  private static final class Producer {
    final int partition;
    int nextSequence;
    final List<Long> offsets = new ArrayList<>();
    AtomicReference<AppendResult> inFlight;

    Producer(int partition) {
      this.partition = partition;
    }

    void send(SteppedLog log) {
      int bytes = 20 + (int) Math.floorMod(nextSequence * 7919L + partition, 900L);
      var batch =
          TestBatch.of(2).recordBytes(bytes).from(partition, 0, nextSequence).at(log.wallMs());
      inFlight = log.send(partition, batch.bytes());
    }

    /** Takes the answer, if there is one. */
    void look() {
      if (inFlight == null || inFlight.get() == null) {
        return;
      }
      if (inFlight.get() instanceof AppendResult.Appended appended) {
        offsets.add(appended.baseOffset());
        nextSequence += 2;
      }
      inFlight = null;
    }
  }

  static long[] seeds() {
    var seeds = new long[20];
    for (int i = 0; i < seeds.length; i++) {
      seeds[i] = i + 1L;
    }
    return seeds;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatWasAcknowledgedIsThereOnceAndInOrder(long seed) {
    var random = new Random(seed);
    var disk = new FaultyLogDisk(new Random(seed));
    disk.setCapacity(4 << 20);
    var log = new SteppedLog(disk, SMALL, new Random(seed));
    List<Producer> producers = new ArrayList<>();
    for (int i = 0; i < PARTITIONS; i++) {
      log.open(i, RunningLog.PLAIN);
      producers.add(new Producer(i));
    }
    for (int step = 0; step < STEPS; step++) {
      disturb(log, random, producers);
      for (var producer : producers) {
        producer.look();
        if (producer.inFlight == null && random.nextInt(3) == 0) {
          producer.send(log);
        }
      }
      for (int i = random.nextInt(4); i > 0; i--) {
        log.step();
      }
    }
    heal(log, producers);
    producers.forEach(producer -> check(log, producer, seed));
  }

  private static void disturb(SteppedLog log, Random random, List<Producer> producers) {
    switch (random.nextInt(200)) {
      case 0 -> restart(log, producers);
      case 1 -> log.disk.failNextSync();
      case 2 -> log.disk.failNextWrite();
      case 3 -> log.disk.setCapacity(random.nextInt(4 << 20));
      case 4, 5, 6 -> log.disk.setCapacity(4 << 20);
      case 7, 8, 9 -> log.advance(random.nextInt(1_000));
      default -> {}
    }
    if (log.driver.stats().isBroken()) {
      restart(log, producers);
    }
  }

  private static void restart(SteppedLog log, List<Producer> producers) {
    log.crash();
    // Nobody will answer any more; the client retries with the same sequence.
    producers.forEach(
        producer -> {
          producer.look();
          producer.inFlight = null;
        });
  }

  private static void heal(SteppedLog log, List<Producer> producers) {
    restart(log, producers);
    for (var producer : producers) {
      int sent = 0;
      int last = producer.nextSequence;
      while (producer.nextSequence == last) {
        if (log.driver.stats().isBroken()) {
          restart(log, producers);
        }
        if (producer.inFlight == null) {
          assertThat(sent++).isLessThan(10);
          producer.send(log);
        }
        log.advance(1_000);
        producer.look();
      }
    }
    restart(log, producers);
  }

  private static void check(SteppedLog log, Producer producer, long seed) {
    List<BatchHeader> batches = new ArrayList<>();
    for (var part : log.readAll(producer.partition, 0)) {
      batches.addAll(RunningLog.headers(part));
    }
    assertThat(batches).as("seed %d", seed).hasSize(producer.nextSequence / 2);
    for (int i = 0; i < batches.size(); i++) {
      assertThat(batches.get(i).baseSequence()).as("seed %d", seed).isEqualTo(2 * i);
      assertThat(batches.get(i).baseOffset())
          .as("seed %d", seed)
          .isEqualTo(producer.offsets.get(i));
    }
  }
}
