package io.tidelog.cold.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.cold.TestSegment;
import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.testkit.FormatSamples;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColdObjectRoundTripTest {

  private static final LogId LOG = new LogId(new UUID(7, 8));

  @TempDir Path folder;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyBatchOfARandomSegmentIsFoundInItsObject(long seed) throws IOException {
    var random = new SplittableRandom(seed);
    var segment = segment(random, random.nextInt(1, 12), random.nextInt(1, 300));
    int interval = random.nextInt(1, 20_000);
    try (var open = segment.open()) {
      var prepared = ColdObjectWriter.prepare(open, interval);
      var object = readAll(prepared, random);
      var footer = footer(object);
      assertThat(footer.log()).isEqualTo(LOG);
      assertThat(footer.term()).isEqualTo(5);
      assertThat(footer.baseLsn()).isEqualTo(segment.baseLsn());
      assertThat(footer.endLsn()).isEqualTo(segment.endLsn());
      assertThat(footer.runCount()).isEqualTo(segment.runs().size());
      for (var partition : segment.batches().keySet()) {
        checkRun(object, footer, partition, segment.batches().get(partition), interval);
      }
      var described = prepared.describe("key");
      assertThat(described.sizeBytes()).isEqualTo(object.limit());
      assertThat(described.footerSizeBytes()).isEqualTo(footer.sizeBytes());
    }
  }

  private static void checkRun(
      ByteBuffer object,
      ColdFooter footer,
      PartitionId partition,
      List<TestSegment.Batch> batches,
      int interval) {
    int run = footer.findRun(partition, batches.getFirst().offsets().start());
    assertThat(footer.partition(run)).isEqualTo(partition);
    assertThat(footer.offsets(run).start()).isEqualTo(batches.getFirst().offsets().start());
    assertThat(footer.offsets(run).end()).isEqualTo(batches.getLast().offsets().end());
    assertThat(footer.findRun(partition, footer.offsets(run).end())).isEqualTo(-1);
    assertThat(footer.firstEpoch(run) + 1).isEqualTo(footer.endEpoch(run));
    assertThat(footer.leaderEpoch(footer.firstEpoch(run))).isEqualTo(5);
    var bytes = new ByteArrayOutputStream();
    batches.forEach(batch -> bytes.writeBytes(batch.bytes()));
    assertThat(footer.runSizeBytes(run)).isEqualTo(bytes.size());
    assertThat(object.slice((int) footer.runPosition(run), bytes.size()))
        .isEqualTo(ByteBuffer.wrap(bytes.toByteArray()));
    for (int entry = footer.firstEntry(run); entry + 1 < footer.endEntry(run); entry++) {
      assertThat(footer.entrySizeBytes(entry)).isGreaterThanOrEqualTo(interval);
    }
    for (var batch : batches) {
      int entry = footer.findEntry(run, batch.offsets().start());
      assertThat(footer.entryOffset(entry)).isLessThanOrEqualTo(batch.offsets().start());
      assertThat(footer.entryMaxTimestampMs(entry)).isGreaterThanOrEqualTo(batch.maxTimestampMs());
      assertThat(footer.entryAppendTimeMs(entry)).isGreaterThanOrEqualTo(batch.maxTimestampMs());
    }
  }

  @Test
  void aSegmentWithoutLiveRunsBecomesASmallObject() throws IOException {
    var segment = segment(new SplittableRandom(9), 1, 0);
    try (var open = segment.open()) {
      var prepared = ColdObjectWriter.prepare(open, 1_000);
      assertThat(prepared.sizeBytes()).isEqualTo(16 + 64 + 32);
      var footer = footer(readAll(prepared, new SplittableRandom(1)));
      assertThat(footer.runCount()).isZero();
      assertThat(footer.findRun(new PartitionId(new UUID(1, 1), 0), 0)).isEqualTo(-1);
    }
  }

  @Test
  void aFlippedBitInTheSegmentNeverReachesAnObject() throws IOException {
    var random = new SplittableRandom(10);
    var segment = segment(random, 2, 20);
    var extent = segment.runs().getFirst().extents().getFirst();
    int[] places = {0, 8, 12 + 4, 17, 21, 40, 60, extent.sizeBytes() - 1};
    for (int place : places) {
      flip(segment.file(), extent.position() + place);
      try (var open = segment.open()) {
        assertThatThrownBy(() -> ColdObjectWriter.prepare(open, 1_000))
            .as("byte %s", place)
            .isInstanceOf(Fault.Broken.class);
      }
      flip(segment.file(), extent.position() + place);
    }
    try (var open = segment.open()) {
      ColdObjectWriter.prepare(open, 1_000);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {11, 12, 13})
  void aDamagedFooterIsRefusedAndNothingElseEscapes(long seed) throws IOException {
    var random = new SplittableRandom(seed);
    var segment = segment(random, 3, 40);
    ByteBuffer object;
    try (var open = segment.open()) {
      object = readAll(ColdObjectWriter.prepare(open, 2_000), random);
    }
    var sound = ColdTrailer.parse(object, object.limit() - 32, object.limit());
    int size = sound.footerSizeBytes();
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      var footer = ByteBuffer.allocate(size).put(object.slice((int) sound.footerPosition(), size));
      mutate(footer, random);
      footer.flip();
      var crc = new java.util.zip.CRC32C();
      crc.update(footer.duplicate());
      try {
        var trailer = new ColdTrailer(sound.footerPosition(), size, (int) crc.getValue());
        readEverything(ColdFooter.parse(footer, trailer));
      } catch (Fault.Broken e) {
        refused++;
      }
    }
    assertThat(refused).as("seed %s", seed).isGreaterThan(1_000);
    assertThatThrownBy(
            () -> ColdFooter.parse(object.slice((int) sound.footerPosition(), size - 1), sound))
        .isInstanceOf(Fault.Broken.class);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {14, 15})
  void aDamagedTrailerIsRefusedAndNothingElseEscapes(long seed) {
    var random = new SplittableRandom(seed);
    var trailer = ByteBuffer.allocate(ColdFormat.TRAILER_BYTES);
    new ColdTrailer(16, 64, 1).write(trailer);
    for (int i = 0; i < 20_000; i++) {
      var damaged = ByteBuffer.wrap(trailer.array().clone());
      damaged.put(random.nextInt(32), (byte) random.nextInt());
      try {
        var parsed = ColdTrailer.parse(damaged, 0, 16 + 64 + 32);
        assertThat(parsed.footerPosition()).isEqualTo(16);
        assertThat(parsed.footerSizeBytes()).isEqualTo(64);
      } catch (Fault.Broken expected) {
        assertThat(expected).hasMessageContaining("cold object");
      }
    }
    assertThatThrownBy(() -> ColdTrailer.parse(ByteBuffer.allocate(10), 0, 10))
        .isInstanceOf(Fault.Broken.class);
  }

  /** A flipped bit, or one of the numbers that break naive parsers, anywhere. */
  private static void mutate(ByteBuffer footer, SplittableRandom random) {
    long[] numbers = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, Integer.MAX_VALUE, 1L << 32};
    int at = random.nextInt(footer.position() - 8);
    if (random.nextBoolean()) {
      footer.put(at, (byte) (footer.get(at) ^ (1 << random.nextInt(8))));
    } else {
      footer.putLong(at / 8 * 8, numbers[random.nextInt(numbers.length)]);
    }
  }

  private static void readEverything(ColdFooter footer) {
    for (int run = 0; run < footer.runCount(); run++) {
      assertThat(footer.findRun(footer.partition(run), footer.offsets(run).start())).isEqualTo(run);
      for (int entry = footer.firstEntry(run); entry < footer.endEntry(run); entry++) {
        assertThat(footer.entrySizeBytes(entry)).isPositive();
        assertThat(footer.findEntry(run, footer.entryOffset(entry))).isEqualTo(entry);
      }
      for (int epoch = footer.firstEpoch(run); epoch < footer.endEpoch(run); epoch++) {
        assertThat(footer.offsets(run).contains(footer.epochStartOffset(epoch))).isTrue();
      }
    }
  }

  private static ColdFooter footer(ByteBuffer object) {
    var trailer =
        ColdTrailer.parse(object, object.limit() - ColdFormat.TRAILER_BYTES, object.limit());
    return ColdFooter.parse(
        object.slice((int) trailer.footerPosition(), trailer.footerSizeBytes()), trailer);
  }

  /** Reads the object in random pieces, as uploads in parts do. */
  private static ByteBuffer readAll(PreparedObject prepared, SplittableRandom random)
      throws IOException {
    var whole = ByteBuffer.allocate((int) prepared.sizeBytes());
    while (whole.hasRemaining()) {
      int piece = Math.min(whole.remaining(), random.nextInt(1, 5_000));
      var into = ByteBuffer.allocate(piece);
      prepared.read(whole.position(), into);
      whole.put(into.flip());
    }
    return whole.flip();
  }

  private TestSegment segment(SplittableRandom random, int partitions, int frames) {
    var ids = new ArrayList<PartitionId>();
    for (int i = 0; i < partitions; i++) {
      ids.add(new PartitionId(new UUID(random.nextLong(), random.nextLong()), random.nextInt(100)));
    }
    return new TestSegment.Writer(LOG, folder, random).write(5, ids, frames);
  }

  @Test
  void anObjectOfVersionOneIsWrittenAndReadAsEver() throws IOException {
    assertThat(ColdFormat.VERSION).as("a new version gets a sample of its own").isEqualTo(1);
    var random = new SplittableRandom(1);
    var ids = List.of(new PartitionId(new UUID(1, 2), 3), new PartitionId(new UUID(1, 2), 4));
    var segment = new TestSegment.Writer(LOG, folder, random).maxPayloadBytes(20).write(5, ids, 6);
    byte[] now;
    try (var open = segment.open()) {
      now = readAll(ColdObjectWriter.prepare(open, 100), random).array();
    }

    var kept = FormatSamples.kept("cold-object-1", Map.of("object", now)).get("object");

    assertThat(now).isEqualTo(kept);
    var object = ByteBuffer.wrap(kept);
    for (var partition : ids) {
      checkRun(object, footer(object), partition, segment.batches().get(partition), 100);
    }
  }

  private static void flip(Path file, long position) throws IOException {
    try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(position);
      int old = bytes.read();
      bytes.seek(position);
      bytes.write(old ^ 1);
    }
  }
}
