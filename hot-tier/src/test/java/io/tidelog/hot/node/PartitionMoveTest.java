package io.tidelog.hot.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.move.MoveLimits;
import io.tidelog.hot.replica.LoopbackTransport;
import io.tidelog.hot.replica.MoveConfig;
import io.tidelog.hot.replica.MoveParts;
import io.tidelog.hot.replica.ReplicaConfig;
import io.tidelog.hot.runtime.HotTierConfig;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.hot.view.ListDelayGates;
import io.tidelog.hot.view.TestBatch;
import io.tidelog.metadata.api.LogRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A partition moves between logs on one node: real folders, threads and frames. */
class PartitionMoveTest {

  private static final LogId A = new LogId(new UUID(1, 1));
  private static final LogId B = new LogId(new UUID(2, 2));
  private static final LogId C = new LogId(new UUID(3, 3));
  private static final ReplicaId SELF = new ReplicaId(1, new UUID(7, 8));
  private static final PartitionId MOVED = new PartitionId(new UUID(0, 9), 0);
  private static final PartitionConfig PLAIN =
      new PartitionConfig(-1, -1, -2, -2, false, true, 0, -1);
  private static final long MS = 1_000_000;
  private static final MoveConfig CONFIG =
      new MoveConfig(new MoveLimits(4_000, 300 * MS, 20 * MS, 3_000 * MS), 2, 3_000, 50 * MS);

  private static final Map<String, String> SMALL =
      Map.of(
          "tidelog.segment.bytes",
          "1048576",
          "tidelog.tail.bytes",
          "1048576",
          "tidelog.disk.reserve.bytes",
          "4096",
          "tidelog.segment.spares",
          "0");

  @TempDir Path folder;

  private final MemoryRegistry registry = new MemoryRegistry();
  private final MemoryMoves moves = new MemoryMoves(registry);
  private final HotTierTest.KeeperLane lane = new HotTierTest.KeeperLane();
  private HotTier tier;
  private final List<BatchHeader> sent = new ArrayList<>();
  private int sequence;

  @BeforeEach
  void make() {
    for (var log : List.of(A, B, C)) {
      registry.put(
          new LogRecord(log, List.of(1), 1, List.of(SELF), List.of(), LogRecord.NO_LEADER, 0, 0));
    }
    start();
    moves.create(MOVED, A);
    await(driver(A).open(List.of(new PartitionSpec(MOVED, 0, PLAIN))));
  }

  private void start() {
    tier =
        new HotTier(
            new HotTier.Parts(
                folder,
                "cluster",
                SELF,
                HotTierConfig.of(SMALL),
                ReplicaConfig.DEFAULT,
                new ListDelayGates(),
                new LoopbackTransport(1),
                registry,
                new MoveParts(moves, CONFIG, 1),
                HotTierTest.CLOCK,
                lane,
                () -> new Random(3),
                "boot",
                UUID.randomUUID()));
    tier.start().toCompletableFuture().join();
    eventually().until(() -> tier.served().led().size() == 3);
  }

  private void restart() {
    tier.close().toCompletableFuture().join();
    start();
  }

  @AfterEach
  void stop() {
    tier.close().toCompletableFuture().join();
    lane.thread.shutdownNow();
  }

  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(30));
  }

  private static <T> T await(java.util.concurrent.CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private LogDriver driver(LogId log) {
    return tier.served().led().stream()
        .filter(led -> led.log().equals(log))
        .map(led -> (LogDriver) led.partitions())
        .findFirst()
        .orElseThrow();
  }

  private AppendResult append(TestBatch batch) {
    var result = new CompletableFuture<AppendResult>();
    tier.served()
        .append(
            List.of(
                new AppendRequest(
                    MOVED, batch.bytes(), Acks.ALL, AppendRequest.ANY_OFFSET, result::complete)));
    return await(result);
  }

  /** As an idempotent client does: again and again until it is acknowledged. */
  private void send(int records) {
    var batch = TestBatch.of(records).recordBytes(100).from(77, 0, sequence);
    sequence += records;
    long next = sent.isEmpty() ? 0 : sent.getLast().endOffset();
    eventually()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () ->
                append(batch) instanceof AppendResult.Appended appended
                    && appended.baseOffset() == next);
    sent.add(BatchHeader.read(batch.bytesAt(next), 0));
  }

  private void send(int batches, int records) {
    for (int i = 0; i < batches; i++) {
      send(records);
    }
  }

  private void move(LogId to) {
    moves.begin(MOVED, to);
    awaitOpenIn(to);
  }

  private void awaitOpenIn(LogId log) {
    eventually()
        .pollInterval(Duration.ofMillis(2))
        .until(() -> moves.home(MOVED).equals(log) && isOpenIn(log));
  }

  private boolean isOpenIn(LogId log) {
    return driver(log).snapshot(MOVED) != null && others(log).stream().noneMatch(this::hasIt);
  }

  private boolean hasIt(LogId log) {
    return driver(log).snapshot(MOVED) != null;
  }

  private static List<LogId> others(LogId log) {
    return List.of(A, B, C).stream().filter(other -> !other.equals(log)).toList();
  }

  /** Seals what there is and has it in the cold tier, without a cold tier. */
  private void offload(LogId log) {
    var driver = driver(log);
    var at = driver.snapshot(MOVED);
    long wanted = at == null ? 0 : at.highWatermark();
    await(driver.roll());
    await(driver.open(List.of(new PartitionSpec(unused(), 0, PLAIN))));
    eventually()
        .until(
            () -> {
              var segment = driver.nextToOffload(log);
              if (segment == null) {
                var now = driver.snapshot(MOVED);
                return now == null || now.tieredEndOffset() >= wanted;
              }
              try (segment) {
                var key = log + "/" + segment.baseLsn() + "/" + segment.term();
                await(
                    driver.commit(
                        new ColdObject(
                            log,
                            segment.term(),
                            segment.baseLsn(),
                            segment.endLsn(),
                            key,
                            9,
                            5,
                            3)));
              }
              return false;
            });
  }

  private int unused = 1;

  /** Something that is written behind what was sealed. */
  private PartitionId unused() {
    return new PartitionId(new UUID(0, 10), unused++);
  }

  /** Every batch that was acknowledged, in order, from either tier of its home. */
  private void checkWhole() {
    var home = driver(moves.home(MOVED));
    var at = home.snapshot(MOVED);
    assertThat(at.highWatermark()).isEqualTo(sent.getLast().endOffset());
    long offset = at.logStartOffset();
    int lastEpoch = -1;
    while (offset < at.highWatermark()) {
      switch (read(home, offset)) {
        case ReadResult.Records records -> {
          try (var bytes = records.bytes()) {
            for (var part : bytes.parts()) {
              int position = part.bytes().position();
              while (position < part.bytes().limit()) {
                var batch = BatchHeader.read(part.bytes(), position);
                long base = batch.baseOffset();
                assertThat(sent).anyMatch(was -> was.baseOffset() == base && isSame(was, batch));
                assertThat(batch.leaderEpoch()).isGreaterThanOrEqualTo(lastEpoch);
                lastEpoch = batch.leaderEpoch();
                offset = batch.endOffset();
                position += batch.sizeBytes();
              }
            }
          }
        }
        case ReadResult.Cold cold -> {
          for (var reference : cold.references()) {
            assertThat(reference.offsets().start()).isLessThanOrEqualTo(offset);
            assertThat(tier.served().liveObjects(reference.object().log()))
                .as("the log that made it keeps it")
                .contains(reference.object().key());
            offset = reference.offsets().end();
          }
        }
        default -> throw new AssertionError("offset " + offset + " cannot be read");
      }
    }
  }

  private static boolean isSame(BatchHeader was, BatchHeader read) {
    return was.baseSequence() == read.baseSequence()
        && was.crc() == read.crc()
        && was.lastOffsetDelta() == read.lastOffsetDelta();
  }

  private static ReadResult read(LogDriver log, long offset) {
    var result = new CompletableFuture<ReadResult>();
    log.read(
        new ReadRequest(MOVED, offset, 10_000, true, ReadRequest.UpTo.HIGH_WATERMARK),
        result::complete);
    return await(result);
  }

  @Test
  void aPartitionMovesWithAllThatIsKnownOfIt(TestReporter reporter) {
    send(20, 5);
    offload(A);
    send(30, 5);
    int epoch = driver(A).snapshot(MOVED).leaderEpoch();
    long begunNs = System.nanoTime();
    move(B);
    long ms = (System.nanoTime() - begunNs) / MS;
    assertThat(driver(B).snapshot(MOVED).leaderEpoch()).isGreaterThan(epoch);
    assertThat(driver(B).snapshot(MOVED).tieredEndOffset()).isEqualTo(100);
    checkWhole();
    var again = TestBatch.of(5).recordBytes(100).from(77, 0, sequence - 5);
    assertThat(append(again)).isEqualTo(new AppendResult.Appended(sent.getLast().baseOffset(), 0));
    send(5, 3);
    checkWhole();
    restart();
    checkWhole();
    reporter.publishEntry("ms", Long.toString(ms));
  }

  @Test
  void aPartitionIsClosedForAShortTimeOnly(TestReporter reporter) {
    send(200, 5);
    move(B);
    eventually().until(() -> tier.served().stats().moves() == 1);
    var stats = tier.served().stats();
    reporter.publishEntry(
        "moved bytes " + stats.movedBytes() + " closed ms " + stats.moveClosedMs());
    assertThat(stats.movedBytes()).isGreaterThan(200 * 500);
    assertThat(stats.moveClosedMs()).isLessThan(3_000);
  }

  /** Many are under way when the frame that closes the partition is written. */
  @Test
  void appendsThatDoNotWaitForOneAnotherAreInOneLogEach() {
    List<CompletableFuture<AppendResult>> answers = new ArrayList<>();
    for (var to : List.of(B, C, A)) {
      moves.begin(MOVED, to);
      while (!moves.home(MOVED).equals(to) || !isOpenIn(to)) {
        for (int i = 0; i < 20; i++) {
          answers.add(sendAtOnce());
        }
        answers.getLast().join();
      }
    }
    List<Long> offsets = new ArrayList<>();
    for (var answer : answers) {
      if (answer.join() instanceof AppendResult.Appended appended) {
        offsets.add(appended.baseOffset());
      }
    }
    assertThat(offsets).doesNotHaveDuplicates().isNotEmpty();
    assertThat(driver(A).snapshot(MOVED).highWatermark()).isEqualTo(offsets.size());
    assertThat(offsets).containsExactlyInAnyOrderElementsOf(countTo(offsets.size()));
  }

  private CompletableFuture<AppendResult> sendAtOnce() {
    var result = new CompletableFuture<AppendResult>();
    tier.served()
        .append(
            List.of(
                new AppendRequest(
                    MOVED,
                    TestBatch.of(1).bytes(),
                    Acks.ALL,
                    AppendRequest.ANY_OFFSET,
                    result::complete)));
    return result;
  }

  private static List<Long> countTo(long end) {
    return LongStream.range(0, end).boxed().toList();
  }

  @Test
  void anEmptyPartitionMoves() {
    move(B);
    send(1, 3);
    move(A);
    send(1, 3);
    checkWhole();
  }

  @Test
  void objectsOfTheOldLogGoWhenTheyAreNotNeeded() {
    send(10, 5);
    offload(A);
    send(10, 5);
    move(B);
    assertThat(tier.served().liveObjects(A)).hasSize(1);
    offload(B);
    move(C);
    send(2, 1);
    assertThat(tier.served().liveObjects(A)).hasSize(1);
    checkWhole();
    await(driver(C).deleteBefore(MOVED, 50));
    eventually().until(() -> tier.served().liveObjects(A).isEmpty());
    checkWhole();
    move(A);
    checkWhole();
    moves.delete(MOVED);
    await(driver(A).close(List.of(MOVED)));
    for (var log : List.of(A, B, C)) {
      eventually().until(() -> tier.served().liveObjects(log).isEmpty());
    }
  }

  @Test
  void aMoveThatIsTakenBackLeavesThePartitionWhereItWas() {
    send(50, 5);
    moves.begin(MOVED, B);
    moves.cancel(moves.all().iterator().next());
    send(5, 5);
    awaitOpenIn(A);
    checkWhole();
    move(B);
    checkWhole();
  }

  @Test
  void recordsThatAreDueLaterAreDueInTheNewLog() {
    var late = new PartitionConfig(-1, -1, -2, -2, false, true, 3_600_000, -1);
    await(driver(A).configure(List.of(MOVED), late));
    send(10, 5);
    move(B);
    var at = driver(B).snapshot(MOVED);
    assertThat(at.visibleEndOffset()).isZero();
    assertThat(at.config()).isEqualTo(late);
    assertThat(driver(B).pending()).hasSize(1);
    checkWhole();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void nothingIsLostOrDoubledWhateverIsRestartedOrTakenBackWhen(long seed) {
    var random = new Random(seed); // the seed is in the name
    for (int step = 0; step < 40; step++) {
      send(1 + random.nextInt(3), 1 + random.nextInt(8));
      switch (random.nextInt(10)) {
        case 0 -> restart();
        case 1 -> moves.all().forEach(moves::cancel);
        case 2, 3 -> offload(List.of(A, B, C).get(random.nextInt(3)));
        case 4 -> {
          var home = moves.home(MOVED);
          var at = driver(home).snapshot(MOVED);
          if (at != null) {
            long start = at.logStartOffset() + (at.highWatermark() - at.logStartOffset()) / 5;
            var unused = driver(home).deleteBefore(MOVED, start);
          }
        }
        default -> moves.begin(MOVED, List.of(A, B, C).get(random.nextInt(3)));
      }
    }
    eventually().until(() -> moves.all().isEmpty());
    awaitOpenIn(moves.home(MOVED));
    send(1);
    checkWhole();
    restart();
    checkWhole();
  }
}
