package io.tidelog.cold.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.cold.ColdFixture;
import io.tidelog.cold.FakeSegmentSource;
import io.tidelog.cold.TestSegment;
import io.tidelog.cold.read.ChunkedColdReader;
import io.tidelog.cold.read.ColdReadConfig;
import io.tidelog.cold.store.FaultyObjectStore;
import io.tidelog.cold.store.FaultyObjectStore.Plan;
import io.tidelog.cold.store.InMemoryObjectStore;
import io.tidelog.cold.store.ObjectContent;
import io.tidelog.core.Fault;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.testkit.ManualClock;
import io.tidelog.testkit.SteppedLane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OffloadRuntimeTest {

  private static final OffloadConfig CONFIG =
      new OffloadConfig(4_096, 2, 1_000, 100, 10_000, 60_000, 1L << 40);

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock(1_000_000);
  private final SteppedLane lane = new SteppedLane(clock);
  private final InMemoryObjectStore memory = new InMemoryObjectStore(clock);
  private final FaultyObjectStore store = new FaultyObjectStore(memory, 42, clock::advanceMs);
  private final FakeSegmentSource source = new FakeSegmentSource(ColdFixture.LOG, 5);
  private final ColdKeys keys = new ColdKeys("tide", "cluster", new SplittableRandom(1));
  private final OffloadRuntime offload =
      new OffloadRuntime(
          source, store, keys, CONFIG, lane, Runnable::run, clock, new SplittableRandom(2));
  private final List<TestSegment> segments = new ArrayList<>();
  private TestSegment.Writer writer;

  private void seal(int count, SplittableRandom random) {
    if (writer == null) {
      writer = new TestSegment.Writer(ColdFixture.LOG, folder, random);
    }
    for (int i = 0; i < count; i++) {
      var segment = writer.write(5, ColdFixture.partitions(5), random.nextInt(30));
      segments.add(segment);
      source.seal(segment);
    }
  }

  @Test
  void sealedSegmentsBecomeObjectsInOrder() {
    offload.start();
    seal(5, new SplittableRandom(3));
    lane.runReady();
    assertThat(source.committed())
        .extracting(ColdObject::baseLsn)
        .containsExactlyElementsOf(segments.stream().map(TestSegment::baseLsn).toList());
    for (var object : source.committed()) {
      assertThat(object.key())
          .matches(
              "tide/cluster/"
                  + ColdFixture.LOG
                  + "/5-%020d-[0-9a-f]{16}\\.tl0".formatted(object.baseLsn()));
      assertThat(memory.head(object.key()).sizeBytes()).isEqualTo(object.sizeBytes());
    }
    assertThat(offload.stats().uploadedObjects()).isEqualTo(5);
    assertThat(offload.stats().lagBytes()).isZero();
    assertThat(offload.stats().oldestPendingAgeMs()).isZero();
  }

  @Test
  void aSegmentNobodyToldOfIsFoundByPolling() {
    offload.start();
    lane.runReady();
    source.onSealed(() -> {});
    seal(1, new SplittableRandom(4));
    lane.runForMs(CONFIG.pollMs());
    assertThat(source.committed()).hasSize(1);
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 12);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverTheStoreDoesNothingIsLostAndItCatchesUp(long seed) {
    var random = new SplittableRandom(seed);
    var badDay = new FaultyObjectStore(memory, seed, clock::advanceMs);
    var runtime =
        new OffloadRuntime(
            source, badDay, keys, CONFIG, lane, Runnable::run, clock, random.split());
    source.commitFailures(
        () ->
            switch (random.nextInt(8)) {
              case 0 -> new Fault.Retriable("planned");
              case 1 -> new IllegalStateException("planned bug");
              default -> null;
            });
    badDay.plan(new Plan(0.3, 0.3, 0.1, 2_000));
    runtime.start();
    seal(10, random);
    lane.runForMs(20_000);
    badDay.plan(Plan.OUTAGE);
    seal(5, random);
    lane.runForMs(300_000);
    assertThat(runtime.stats().isAlarmed()).as("seed %s", seed).isTrue();
    badDay.plan(Plan.HEALTHY);
    lane.runForMs(120_000);
    assertThat(source.committed()).as("seed %s", seed).hasSize(15);
    assertThat(runtime.stats().isAlarmed()).isFalse();
    assertThat(runtime.stats().lagBytes()).isZero();
    checkEverythingIsReadBack(seed);
  }

  private void checkEverythingIsReadBack(long seed) {
    var fixture = new ColdFixture();
    for (int i = 0; i < segments.size(); i++) {
      fixture.onCommitted(segments.get(i), source.committed().get(i));
    }
    try (var reader = new ChunkedColdReader(memory, ColdReadConfig.DEFAULT, Runnable::run, clock)) {
      for (var partition : fixture.written().keySet()) {
        var request =
            new ReadRequest(partition, 0, Integer.MAX_VALUE, true, ReadRequest.UpTo.VISIBLE_END);
        var results = new ArrayList<ReadResult>();
        reader.read(
            request, fixture.snapshot(partition), fixture.references(partition), results::add);
        assertThat(ColdFixture.bytes(results.getFirst()))
            .as("seed %s partition %s", seed, partition)
            .isEqualTo(
                fixture.expected(partition, 0, Integer.MAX_VALUE, fixture.endOffset(partition)));
      }
    }
  }

  @Test
  void anUploadAnsweredWithAnErrorIsFoundAndNotMadeTwice() {
    store.plan(new Plan(0, 1, 0, 0));
    offload.start();
    seal(1, new SplittableRandom(5));
    lane.runReady();
    assertThat(offload.stats().failures()).isEqualTo(1);
    store.plan(Plan.HEALTHY);
    lane.runForMs(1_000);
    assertThat(source.committed()).hasSize(1);
    assertThat(memory.list("", "", 10).objects()).hasSize(1);
  }

  @Test
  void anotherObjectUnderTheKeyIsNeverTakenForOurs() {
    var seenKeys = new ColdKeys("tide", "cluster", new SplittableRandom(1));
    var first = seenKeys.newKey(ColdFixture.LOG, 5, 0);
    memory.create(first, ObjectContent.of(ByteBuffer.allocate(500)));
    offload.start();
    seal(1, new SplittableRandom(6));
    lane.runForMs(1_000);
    assertThat(source.committed()).hasSize(1);
    assertThat(source.committed().getFirst().key()).isNotEqualTo(first);
  }

  @Test
  void aDeposedLeaderCommitsNothingAndLeavesAnOrphan() {
    offload.start();
    source.commitFailures(
        () -> {
          source.term(6);
          return null;
        });
    seal(1, new SplittableRandom(7));
    lane.runReady();
    assertThat(source.committed()).isEmpty();
    assertThat(offload.stats().fenced()).isEqualTo(1);
    lane.runForMs(5_000);
    assertThat(source.committed()).extracting(ColdObject::term).containsExactly(6L);
    assertThat(memory.list("", "", 10).objects()).hasSize(2);
  }

  @Test
  void theAlarmIsRaisedWhileASegmentFailsAndDroppedAfterwards() {
    store.plan(Plan.OUTAGE);
    offload.start();
    seal(1, new SplittableRandom(8));
    lane.runForMs(59_000);
    assertThat(offload.stats().isAlarmed()).isFalse();
    lane.runForMs(2_000);
    assertThat(offload.stats().isAlarmed()).isTrue();
    assertThat(offload.stats().oldestPendingAgeMs()).isGreaterThan(60_000);
    assertThat(offload.stats().lastFailure()).contains("planned failure before create");
    store.plan(Plan.HEALTHY);
    lane.runForMs(CONFIG.maxBackoffMs());
    assertThat(offload.stats().isAlarmed()).isFalse();
    assertThat(offload.stats().oldestPendingAgeMs()).isZero();
  }

  /** A partition that moved here brought the objects along that it is in. */
  @Test
  void objectsOfOtherLogsSayNothingOfTheStore() {
    source.bring("other-log/1-0-0.tl0");
    offload.start();
    seal(1, new SplittableRandom(8));
    lane.runReady();
    assertThat(offload.stats().lastFailure()).isEmpty();
    assertThat(source.committed()).hasSize(1);
  }

  @Test
  void nothingGoesToAStoreThatHasNoneOfTheObjectsOfTheLog() {
    offload.start();
    seal(2, new SplittableRandom(8));
    lane.runReady();
    offload.close();
    var other = new InMemoryObjectStore(clock);
    var inOther = restarted(new FaultyObjectStore(other, 1, clock::advanceMs));
    seal(1, new SplittableRandom(9));
    lane.runForMs(90_000);
    assertThat(other.list("", "", 10).objects()).isEmpty();
    assertThat(inOther.stats().isAlarmed()).isTrue();
    assertThat(inOther.stats().lastFailure()).contains("has none of the 2 objects");
    inOther.close();

    restarted(store);
    lane.runForMs(CONFIG.maxBackoffMs());
    assertThat(source.committed()).hasSize(3);
  }

  private OffloadRuntime restarted(FaultyObjectStore with) {
    var runtime =
        new OffloadRuntime(
            source, with, keys, CONFIG, lane, Runnable::run, clock, new SplittableRandom(2));
    runtime.start();
    return runtime;
  }

  @Test
  void aStoreThatWasOutAtTheRestartIsAskedAgain() {
    offload.start();
    seal(1, new SplittableRandom(8));
    lane.runReady();
    offload.close();
    store.plan(Plan.OUTAGE);
    restarted(store);
    seal(1, new SplittableRandom(9));
    lane.runForMs(30_000);
    assertThat(source.committed()).hasSize(1);
    store.plan(Plan.HEALTHY);
    lane.runForMs(CONFIG.maxBackoffMs());
    assertThat(source.committed()).hasSize(2);
  }

  @Test
  void theAlarmIsRaisedAlsoWhenNoSegmentCanBeOpened() {
    source.openFailure(new Fault.Broken("planned"));
    offload.start();
    seal(1, new SplittableRandom(8));
    lane.runForMs(90_000);
    assertThat(offload.stats().isAlarmed()).isTrue();
    assertThat(source.unreadable()).hasSize((int) offload.stats().failures());
    source.openFailure(null);
    lane.runForMs(CONFIG.maxBackoffMs());
    assertThat(source.committed()).hasSize(1);
    assertThat(offload.stats().isAlarmed()).isFalse();
  }

  /** Whoever has it whole can offload it; whoever has not tries again, for it may be alone. */
  @Test
  void theSourceIsToldOfADamagedSegmentEachTimeItIsTried() throws IOException {
    var file = writeOne();
    var whole = Files.readAllBytes(file);
    flip(new ArrayList<>(List.of(file)));
    offload.start();
    source.seal(segments.getFirst());
    lane.runForMs(60_000);
    assertThat(source.committed()).isEmpty();
    assertThat(memory.list("", "", 10).objects()).isEmpty();
    assertThat(source.unreadable()).hasSize((int) offload.stats().failures());
    assertThat(source.unreadable().getFirst()).hasMessageContaining("does not match its checksum");
    Files.write(file, whole);
    lane.runForMs(60_000);
    assertThat(source.committed()).hasSize(1);
  }

  @Test
  void aSegmentThatEndsTooSoonIsDamagedToo() throws IOException {
    var file = writeOne();
    var whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    offload.start();
    source.seal(segments.getFirst());
    lane.runReady();
    assertThat(source.unreadable()).hasSize(1);
  }

  @Test
  void whatTheStoreDoesSaysNothingOfTheSegment() {
    store.plan(Plan.OUTAGE);
    offload.start();
    seal(1, new SplittableRandom(8));
    lane.runForMs(60_000);
    assertThat(offload.stats().failures()).isPositive();
    assertThat(source.unreadable()).isEmpty();
  }

  private Path writeOne() {
    writer = new TestSegment.Writer(ColdFixture.LOG, folder, new SplittableRandom(12));
    segments.add(writer.write(5, ColdFixture.partitions(5), 20));
    return segments.getFirst().file();
  }

  @Test
  void whatTheDiskReadsDifferentlyTheSecondTimeIsNeverCommitted() throws IOException {
    var flips = new ArrayList<Path>();
    var flaky = new FaultyObjectStore(memory, 1, ms -> flip(flips));
    flaky.plan(new Plan(0, 0, 1, 1)); // between the layout of the segment and its upload
    var runtime =
        new OffloadRuntime(
            source, flaky, keys, CONFIG, lane, Runnable::run, clock, new SplittableRandom(2));
    var file = writeOne();
    flips.add(file);
    source.seal(segments.getFirst());
    runtime.start();
    lane.runReady();
    assertThat(flips).isEmpty();
    assertThat(source.committed()).isEmpty();
    lane.runForMs(60_000);
    assertThat(source.committed()).isEmpty();
    flip(new ArrayList<>(List.of(file))); // back
    lane.runForMs(60_000);
    assertThat(source.committed()).hasSize(1);
    checkEverythingIsReadBack(1);
  }

  /** Flips the last bit of each file, once. */
  private static void flip(List<Path> files) {
    files.forEach(
        file -> {
          try {
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    files.clear();
  }

  @Test
  void waitsBetweenTriesGrowToALimitAndAreSpread() {
    store.plan(Plan.OUTAGE);
    offload.start();
    seal(1, new SplittableRandom(9));
    lane.runForMs(600_000);
    assertThat(offload.stats().failures()).isBetween(60L, 140L);
  }

  @Test
  void anErrorOfTheMachineItselfIsSurvived() {
    var errors = new ArrayList<Throwable>(List.of(new StackOverflowError("planned")));
    source.commitFailures(() -> errors.isEmpty() ? null : errors.removeFirst());
    offload.start();
    seal(1, new SplittableRandom(10));
    lane.runForMs(1_000);
    assertThat(source.committed()).hasSize(1);
  }

  @Test
  void afterClosingNothingBegins() {
    offload.start();
    lane.runReady();
    offload.close();
    offload.close();
    lane.runReady();
    seal(1, new SplittableRandom(11));
    lane.runForMs(10_000);
    assertThat(source.committed()).isEmpty();
  }
}
