package io.tidelog.cold.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.cold.ColdFixture;
import io.tidelog.cold.TestSegment;
import io.tidelog.cold.format.ColdObjectWriter;
import io.tidelog.cold.store.FaultyObjectStore;
import io.tidelog.cold.store.InMemoryObjectStore;
import io.tidelog.cold.store.ObjectContent;
import io.tidelog.core.Fault;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadRequest.UpTo;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.testkit.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkedColdReaderTest {

  private static final ColdReadConfig SMALL =
      new ColdReadConfig(8_192, 100_000, 100_000, 20_000, 2, 4, 8);
  private static final ColdReadConfig NO_READ_AHEAD =
      new ColdReadConfig(8_192, 1 << 20, 100_000, 0, 0, 4, 8);

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock(1);
  private final InMemoryObjectStore memory = new InMemoryObjectStore(clock);
  private final FaultyObjectStore store = new FaultyObjectStore(memory, 1, clock::advanceMs);
  private final ColdFixture fixture = new ColdFixture();

  /** Runs loads only when told to. */
  private static final class HeldLoads implements Executor {
    final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    void runAll() {
      while (!tasks.isEmpty()) {
        tasks.remove().run();
      }
    }
  }

  private void write(SplittableRandom random, int segments, int partitions, int frames)
      throws IOException {
    write(new TestSegment.Writer(ColdFixture.LOG, folder, random), segments, partitions, frames);
  }

  private void write(TestSegment.Writer writer, int segments, int partitions, int frames)
      throws IOException {
    for (int i = 0; i < segments; i++) {
      var segment = writer.write(5, ColdFixture.partitions(partitions), frames);
      try (var open = segment.open()) {
        var prepared = ColdObjectWriter.prepare(open, 2_000);
        String key = "object" + i;
        memory.create(key, prepared);
        fixture.onCommitted(segment, prepared.describe(key));
      }
    }
  }

  private ReadResult read(ChunkedColdReader reader, PartitionId partition, long offset, int max) {
    var result = new AtomicReference<ReadResult>();
    reader.read(
        new ReadRequest(partition, offset, max, true, UpTo.VISIBLE_END),
        fixture.snapshot(partition),
        fixture.referencesFrom(partition, offset),
        result::set);
    return result.get();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyOffsetIsReadWithTheBytesThatWereWritten(long seed) throws IOException {
    var random = new SplittableRandom(seed);
    write(random, random.nextInt(1, 5), random.nextInt(1, 8), random.nextInt(1, 60));
    var config = random.nextBoolean() ? SMALL : ColdReadConfig.DEFAULT;
    var partitions = List.copyOf(fixture.written().keySet());
    var reader = new ChunkedColdReader(store, config, Runnable::run, clock);
    for (int i = 0; i < 300; i++) {
      var partition = partitions.get(random.nextInt(partitions.size()));
      long end = fixture.endOffset(partition);
      long offset = random.nextLong(end);
      int max = random.nextInt(60_000);
      assertThat(ColdFixture.bytes(read(reader, partition, offset, max)))
          .as("seed %s read %s", seed, i)
          .isEqualTo(fixture.expected(partition, offset, max, end));
    }
    reader.close();
    assertThat(reader.stats().bufferBytes()).isZero();
  }

  @Test
  void aCacheTooSmallForAnythingStillReads() throws IOException {
    write(new SplittableRandom(11), 2, 2, 40);
    var config = new ColdReadConfig(8_192, 0, 0, 20_000, 2, 4, 8);
    try (var reader = new ChunkedColdReader(store, config, Runnable::run, clock)) {
      for (var partition : fixture.written().keySet()) {
        long end = fixture.endOffset(partition);
        assertThat(ColdFixture.bytes(read(reader, partition, 0, 1 << 30)))
            .isEqualTo(fixture.expected(partition, 0, 1 << 30, end));
      }
      assertThat(reader.stats().cachedBytes()).isZero();
    }
  }

  @Test
  void whatIsReadStopsAtTheVisibleEnd() throws IOException {
    write(new SplittableRandom(12), 2, 1, 40);
    var partition = ColdFixture.partitions(1).getFirst();
    long visible = fixture.written().get(partition).get(10).offsets().end();
    var at = ColdFixture.snapshot(partition, 0, visible);
    try (var reader = new ChunkedColdReader(store, SMALL, Runnable::run, clock)) {
      var results = new ArrayList<ReadResult>();
      reader.read(
          new ReadRequest(partition, 0, 1 << 30, true, UpTo.VISIBLE_END),
          at,
          fixture.references(partition),
          results::add);
      reader.read(
          new ReadRequest(partition, visible, 1 << 30, true, UpTo.VISIBLE_END),
          at,
          fixture.references(partition),
          results::add);
      assertThat(ColdFixture.bytes(results.get(0)))
          .isEqualTo(fixture.expected(partition, 0, 1 << 30, visible));
      assertThat(ColdFixture.bytes(results.get(1))).isEmpty();
    }
  }

  @Test
  void aBatchLargerThanAskedForComesAloneOrNotAtAll() throws IOException {
    write(new SplittableRandom(13), 1, 1, 5);
    var partition = ColdFixture.partitions(1).getFirst();
    var first = fixture.written().get(partition).getFirst();
    try (var reader = new ChunkedColdReader(store, SMALL, Runnable::run, clock)) {
      assertThat(ColdFixture.bytes(read(reader, partition, 0, 1))).isEqualTo(first.bytes());
      var results = new ArrayList<ReadResult>();
      reader.read(
          new ReadRequest(partition, 0, 1, false, UpTo.HIGH_WATERMARK),
          fixture.snapshot(partition),
          fixture.references(partition),
          results::add);
      assertThat(ColdFixture.bytes(results.getFirst())).isEmpty();
    }
  }

  @Test
  void howeverManyAskAChunkIsLoadedOnce() throws IOException {
    write(new SplittableRandom(14), 1, 1, 3);
    var partition = ColdFixture.partitions(1).getFirst();
    var loads = new HeldLoads();
    try (var reader = new ChunkedColdReader(store, NO_READ_AHEAD, loads, clock)) {
      var results = new ArrayList<ReadResult>();
      for (int i = 0; i < 50; i++) {
        reader.read(
            new ReadRequest(partition, 0, 1, true, UpTo.VISIBLE_END),
            fixture.snapshot(partition),
            fixture.references(partition),
            results::add);
      }
      assertThat(results).isEmpty();
      loads.runAll();
      assertThat(results).hasSize(50);
      results.forEach(result -> assertThat(ColdFixture.bytes(result)).isNotEmpty());
      assertThat(reader.stats().chunkLoads()).isEqualTo(1);
      assertThat(reader.stats().chunkHits()).isEqualTo(49);
    }
  }

  @Test
  void aSequentialReaderFindsWhatComesNextAlreadyLoaded() throws IOException {
    write(new SplittableRandom(15), 4, 1, 20);
    var partition = ColdFixture.partitions(1).getFirst();
    try (var reader = new ChunkedColdReader(store, ColdReadConfig.DEFAULT, Runnable::run, clock)) {
      ColdFixture.bytes(read(reader, partition, 0, 1));
      assertThat(reader.stats().chunkLoads()).isEqualTo(4);
      long lastStart = fixture.references(partition).getLast().offsets().start();
      store.plan(FaultyObjectStore.Plan.OUTAGE);
      assertThat(ColdFixture.bytes(read(reader, partition, lastStart, 1))).isNotEmpty();
    }
  }

  @Test
  void tooManyWaitingLoadsAreRefusedAndServedLater() throws IOException {
    write(new SplittableRandom(16), 4, 1, 5);
    var partition = ColdFixture.partitions(1).getFirst();
    var loads = new HeldLoads();
    var config = new ColdReadConfig(8_192, 1 << 20, 100_000, 0, 0, 1, 1);
    try (var reader = new ChunkedColdReader(store, config, loads, clock)) {
      var results = new ArrayList<ReadResult>();
      for (var reference : fixture.references(partition)) {
        reader.read(
            new ReadRequest(partition, reference.offsets().start(), 1, true, UpTo.VISIBLE_END),
            fixture.snapshot(partition),
            fixture.referencesFrom(partition, reference.offsets().start()),
            results::add);
      }
      assertThat(results).hasSize(2);
      assertThat(results).allSatisfy(ChunkedColdReaderTest::isRetriable);
      assertThat(reader.stats().refusedLoads()).isEqualTo(2);
      loads.runAll();
      assertThat(results).hasSize(4);
      var late = new ArrayList<ReadResult>();
      reader.read(
          new ReadRequest(partition, 0, 1, true, UpTo.VISIBLE_END),
          fixture.snapshot(partition),
          fixture.references(partition),
          late::add);
      loads.runAll();
      assertThat(ColdFixture.bytes(late.getFirst())).isNotEmpty();
    }
  }

  @Test
  void anObjectThatIsGoneSendsTheReaderBackToTheLog() throws IOException {
    write(new SplittableRandom(17), 2, 1, 5);
    var partition = ColdFixture.partitions(1).getFirst();
    memory.delete(List.of("object0"));
    try (var reader = new ChunkedColdReader(store, SMALL, Runnable::run, clock)) {
      isRetriable(read(reader, partition, 0, 1 << 20));
    }
  }

  @Test
  void whatWasReadBeforeAFaultIsAnswered() throws IOException {
    write(new SplittableRandom(18), 2, 1, 5);
    var partition = ColdFixture.partitions(1).getFirst();
    memory.delete(List.of("object1"));
    long end = fixture.references(partition).getFirst().offsets().end();
    try (var reader = new ChunkedColdReader(store, SMALL, Runnable::run, clock)) {
      assertThat(ColdFixture.bytes(read(reader, partition, 0, 1 << 20)))
          .isEqualTo(fixture.expected(partition, 0, 1 << 20, end));
    }
  }

  @Test
  void aFailureIsNotRememberedAndTheNextReadSucceeds() throws IOException {
    write(new SplittableRandom(19), 1, 1, 5);
    var partition = ColdFixture.partitions(1).getFirst();
    try (var reader = new ChunkedColdReader(store, SMALL, Runnable::run, clock)) {
      store.plan(FaultyObjectStore.Plan.OUTAGE);
      isRetriable(read(reader, partition, 0, 1));
      store.plan(new FaultyObjectStore.Plan(0, 1, 0, 0));
      isRetriable(read(reader, partition, 0, 1));
      store.plan(FaultyObjectStore.Plan.HEALTHY);
      assertThat(ColdFixture.bytes(read(reader, partition, 0, 1))).isNotEmpty();
    }
  }

  @Test
  void damageIsFoundAndNeverServed() throws IOException {
    write(new SplittableRandom(20), 1, 1, 20);
    var partition = ColdFixture.partitions(1).getFirst();
    var object = fixture.references(partition).getFirst().object();
    var bytes = ByteBuffer.allocate((int) object.sizeBytes());
    memory.get(object.key(), 0, bytes);
    var random = new SplittableRandom(21);
    for (int i = 0; i < 200; i++) {
      var damaged = ByteBuffer.wrap(bytes.array().clone());
      int at = random.nextInt(16, damaged.capacity());
      damaged.put(at, (byte) (damaged.get(at) ^ (1 << random.nextInt(8))));
      memory.delete(List.of(object.key()));
      memory.create(object.key(), ObjectContent.of(damaged));
      var reader = new ChunkedColdReader(store, SMALL, Runnable::run, clock);
      var first = read(reader, partition, 0, 1 << 20);
      if (first instanceof ReadResult.Failed failed) {
        assertThat(failed.fault()).isInstanceOf(Fault.Broken.class);
      } else {
        byte[] good = fixture.expected(partition, 0, 1 << 20, fixture.endOffset(partition));
        assertThat(good).startsWith(ColdFixture.bytes(first));
      }
      assertThat(reader.stats().damagedChunks()).isPositive();
      reader.close();
      assertThat(reader.stats().bufferBytes()).isZero();
    }
  }

  @Test
  void anOffsetInNoReferenceSendsTheReaderBackToTheLog() throws IOException {
    write(new SplittableRandom(22), 2, 1, 5);
    var partition = ColdFixture.partitions(1).getFirst();
    try (var reader = new ChunkedColdReader(store, SMALL, Runnable::run, clock)) {
      var results = new ArrayList<ReadResult>();
      reader.read(
          new ReadRequest(partition, 0, 1, true, UpTo.VISIBLE_END),
          fixture.snapshot(partition),
          fixture.references(partition).subList(1, 2),
          results::add);
      reader.read(
          new ReadRequest(partition, 0, 1, true, UpTo.VISIBLE_END),
          fixture.snapshot(partition),
          List.of(),
          results::add);
      assertThat(results).hasSize(2).allSatisfy(ChunkedColdReaderTest::isRetriable);
    }
  }

  @Test
  void aReferenceToAnObjectWithoutThatPartitionIsDamage() throws IOException {
    write(new SplittableRandom(23), 1, 1, 5);
    var partition = ColdFixture.partitions(1).getFirst();
    var other = new PartitionId(partition.topicId(), 99);
    var reference =
        new ColdReference(
            fixture.references(partition).getFirst().object(), other, new OffsetRange(0, 10));
    try (var reader = new ChunkedColdReader(store, SMALL, Runnable::run, clock)) {
      var results = new ArrayList<ReadResult>();
      reader.read(
          new ReadRequest(other, 0, 1, true, UpTo.VISIBLE_END),
          ColdFixture.snapshot(other, 0, 10),
          List.of(reference),
          results::add);
      assertThat(((ReadResult.Failed) results.getFirst()).fault()).isInstanceOf(Fault.Broken.class);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {31, 32, 33, 34})
  void aSearchByTimeFindsTheFirstBatchThatIsNotOlder(long seed) throws IOException {
    var random = new SplittableRandom(seed);
    write(random, 3, 2, 40);
    try (var reader = new ChunkedColdReader(store, SMALL, Runnable::run, clock)) {
      for (int i = 0; i < 200; i++) {
        var partition = ColdFixture.partitions(2).get(random.nextInt(2));
        var batches = fixture.written().get(partition);
        long start = random.nextLong(fixture.endOffset(partition) / 2);
        long end = batches.get(random.nextInt(batches.size())).offsets().end();
        long time =
            batches.get(random.nextInt(batches.size())).maxTimestampMs() + 1 - random.nextInt(3);
        byte[] expected =
            batches.stream()
                .filter(b -> b.offsets().end() > start && b.maxTimestampMs() >= time)
                .findFirst()
                .filter(b -> b.offsets().end() <= end)
                .map(TestSegment.Batch::bytes)
                .orElse(new byte[0]);
        var results = new ArrayList<ReadResult>();
        reader.findByTime(
            new TimeRequest(partition, time, 0),
            ColdFixture.snapshot(partition, start, end),
            fixture.referencesFrom(partition, start),
            results::add);
        assertThat(ColdFixture.bytes(results.getFirst()))
            .as("seed %s search %s", seed, i)
            .isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {41, 42})
  void manyReadersOnManyThreadsAllReadTheSame(long seed) throws Exception {
    write(new SplittableRandom(seed), 4, 4, 60);
    var config = new ColdReadConfig(4_096, 40_000, 20_000, 20_000, 2, 4, 1_000);
    var partitions = List.copyOf(fixture.written().keySet());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var reader = new ChunkedColdReader(memory, config, threads, clock);
      int reads = 2_000;
      var done = new CountDownLatch(reads);
      var wrong = new AtomicReference<String>();
      var random = new SplittableRandom(seed);
      for (int i = 0; i < reads; i++) {
        var partition = partitions.get(random.nextInt(partitions.size()));
        long end = fixture.endOffset(partition);
        long offset = random.nextLong(end);
        int max = random.nextInt(30_000);
        reader.read(
            new ReadRequest(partition, offset, max, true, UpTo.VISIBLE_END),
            fixture.snapshot(partition),
            fixture.referencesFrom(partition, offset),
            result -> {
              try {
                if (!(result instanceof ReadResult.Failed failed
                    && failed.fault() instanceof Fault.Retriable)) {
                  assertThat(ColdFixture.bytes(result))
                      .isEqualTo(fixture.expected(partition, offset, max, end));
                }
              } catch (Throwable failure) {
                wrong.compareAndSet(null, String.valueOf(failure));
              } finally {
                done.countDown();
              }
            });
      }
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(wrong.get()).as("seed %s", seed).isNull();
      threads.shutdown();
      assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
      reader.close();
      assertThat(reader.stats().bufferBytes()).isZero();
    }
  }

  private static void isRetriable(ReadResult result) {
    assertThat(result).isInstanceOf(ReadResult.Failed.class);
    assertThat(((ReadResult.Failed) result).fault()).isInstanceOf(Fault.Retriable.class);
  }
}
