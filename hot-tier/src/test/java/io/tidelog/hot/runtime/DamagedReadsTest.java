package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.hot.view.TestBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bit flipped on the disk is never served as good data, whichever bit it is. */
@Timeout(60)
class DamagedReadsTest {

  private static final int BATCHES = 40;

  /** Of the first batch. */
  private static final int IN_A_RECORD = 65;

  @TempDir Path folder;

  /** Each flip hits a batch, or a frame's header, of which nothing is served. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void aFlippedBitIsRefusedOrOutOfTheWay(long seed) throws IOException {
    var random = new Random(seed);
    write();
    try (var log = RunningLog.in(folder)) {
      var good = read(log, 0);
      int at = positionOf(good);
      for (int i = 0; i < 300; i++) {
        int bit = random.nextInt(good.length * Byte.SIZE);
        flip(at + bit / Byte.SIZE, bit % Byte.SIZE);
        var found = log.tryRead(0, 0, 1 << 20);
        var where = "seed " + seed + " byte " + bit / Byte.SIZE + " bit " + bit % Byte.SIZE;
        switch (found) {
          case ReadResult.Records(_, var bytes) ->
              assertThat(array(bytes)).as(where).isEqualTo(good);
          case ReadResult.Failed(var fault) ->
              assertThat(fault).as(where).isInstanceOf(Fault.Broken.class);
          default -> throw new AssertionError(where + ": " + found);
        }
        flip(at + bit / Byte.SIZE, bit % Byte.SIZE);
        assertThat(read(log, 0)).as(where).isEqualTo(good);
      }
      assertThat(log.driver.stats().damagedReads()).isGreaterThan(100);
    }
  }

  @Test
  void whatIsAlsoInTheColdTierIsReadFromThere() throws IOException {
    write();
    try (var log = RunningLog.in(folder)) {
      var good = read(log, 0);
      var sealed = new CompletableFuture<Void>();
      log.driver.onSealed(() -> sealed.complete(null));
      RunningLog.await(log.driver.roll());
      RunningLog.await(sealed);
      try (var segment = log.driver.nextToOffload(RunningLog.LOG)) {
        assertThat(segment).isNotNull();
        var object =
            new ColdObject(
                segment.log(), segment.term(), segment.baseLsn(), segment.endLsn(), "o", 9, 1, 1);
        RunningLog.await(log.driver.commit(object));
      }
      flip(positionOf(good) + IN_A_RECORD, 3);
      assertThat(log.tryRead(0, 0, 1 << 20))
          .isInstanceOfSatisfying(
              ReadResult.Cold.class,
              cold -> {
                assertThat(cold.references()).hasSize(1);
                assertThat(cold.references().getFirst().object().key()).isEqualTo("o");
                assertThat(cold.references().getFirst().offsets().start()).isZero();
              });
    }
  }

  @Test
  void aSearchByTimeFindsNoDamagedBatch() throws IOException {
    write();
    try (var log = RunningLog.in(folder)) {
      var good = read(log, 0);
      assertThat(find(log)).isInstanceOf(ReadResult.Records.class);
      flip(positionOf(good) + IN_A_RECORD, 0);
      assertThat(find(log)).isInstanceOf(ReadResult.Failed.class);
    }
  }

  /** As simulated seed 225120: a damaged end of a batch looked like the end of the search. */
  @Test
  void aSearchByTimeMissesNothingBehindADamagedHeader() throws IOException {
    write();
    try (var log = RunningLog.in(folder)) {
      int at = positionOf(read(log, 0));
      for (long timestampMs : new long[] {1_000, 1_001}) {
        findsTheSameOrNothing(log, timestampMs, at);
      }
    }
  }

  /** As simulated seed 9628772: a damaged time was passed over, since a later batch had it too. */
  @Test
  void aSearchByTimePassesOverNoDamagedBatchOfAWriteGroup() throws IOException {
    try (var log = RunningLog.in(folder)) {
      log.open(0, RunningLog.PLAIN);
      var written = new ArrayList<CompletableFuture<AppendResult>>();
      log.hold(true);
      for (int i = 0; i < 5; i++) {
        written.add(log.send(0, TestBatch.of(2).at(1_000 + i).bytes(), Acks.ALL));
      }
      log.hold(false);
      written.forEach(RunningLog::await);
    }
    try (var log = RunningLog.in(folder)) {
      for (int i = 0; i < 5; i++) {
        int at = positionOf(read(log, 2L * i));
        findsTheSameOrNothing(log, 1_000 + i, at);
        findsTheSameOrNothing(log, 1_000 + i + 1, at);
      }
    }
  }

  /** Whichever bit is flipped of the header at a position. */
  private void findsTheSameOrNothing(RunningLog log, long timestampMs, int at) throws IOException {
    var good = array(((ReadResult.Records) find(log, timestampMs)).bytes());
    for (int bit = 0; bit < BatchHeader.SIZE_BYTES * Byte.SIZE; bit++) {
      flip(at + bit / Byte.SIZE, bit % Byte.SIZE);
      var where = timestampMs + " byte " + bit / Byte.SIZE + " bit " + bit % Byte.SIZE;
      switch (find(log, timestampMs)) {
        case ReadResult.Records(_, var bytes) -> assertThat(array(bytes)).as(where).isEqualTo(good);
        case ReadResult.Failed(var fault) ->
            assertThat(fault).as(where).isInstanceOf(Fault.Broken.class);
        case ReadResult other -> throw new AssertionError(where + ": " + other);
      }
      flip(at + bit / Byte.SIZE, bit % Byte.SIZE);
    }
  }

  private static ReadResult find(RunningLog log) {
    return find(log, 0);
  }

  private static ReadResult find(RunningLog log, long timestampMs) {
    return await(
        completion ->
            log.driver.findByTime(
                new TimeRequest(RunningLog.partition(0), timestampMs, 0), completion));
  }

  private static ReadResult await(Consumer<ReadCompletion> ask) {
    var result = new CompletableFuture<ReadResult>();
    ask.accept(result::complete);
    return RunningLog.await(result);
  }

  /** The log that reads has none of it in memory. */
  private void write() {
    try (var log = RunningLog.in(folder)) {
      log.open(0, RunningLog.PLAIN);
      for (int i = 0; i < BATCHES; i++) {
        log.append(0, TestBatch.of(1 + i % 7).at(1_000 + i));
      }
    }
  }

  private static byte[] read(RunningLog log, long offset) {
    return array(((ReadResult.Records) log.tryRead(0, offset, 1 << 20)).bytes());
  }

  private static byte[] array(RecordBytes records) {
    try (var bytes = records) {
      var copy = RunningLog.copy(bytes);
      var array = new byte[copy.remaining()];
      copy.get(array);
      return array;
    }
  }

  /** Batches do not lie side by side in a segment: where the first one does. */
  private int positionOf(byte[] batches) throws IOException {
    var segment = Files.readAllBytes(segment());
    var first = ByteBuffer.wrap(batches, 0, 61).slice();
    for (int at = 0; at < segment.length - 61; at++) {
      if (ByteBuffer.wrap(segment, at, 61).slice().equals(first)) {
        return at;
      }
    }
    throw new AssertionError("the first batch is not in the segment");
  }

  private void flip(int position, int bit) throws IOException {
    try (var channel =
        FileChannel.open(segment(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      var one = ByteBuffer.allocate(1);
      channel.read(one, position);
      one.put(0, (byte) (one.get(0) ^ (1 << bit)));
      channel.write(one.flip(), position);
    }
  }

  private Path segment() throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith("00000.seg")).findFirst().orElseThrow();
    }
  }
}
