package io.tidelog.hot.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.hot.TestBatches;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FrameCodecTest {

  private static final LogId LOG = new LogId(new UUID(11, 22));
  private static final PartitionConfig CONFIG =
      new PartitionConfig(1, -1, -2, 4, true, false, 30_000, -1);

  static List<Frame> frames() {
    var random = new Random(1);
    var object = new ColdObject(LOG, 3, 0, 1 << 20, "a/b/ü", 12345, 99, 0xdeadbeef);
    return List.of(
        new Frame.GroupStart(3, 1000, 640, 64),
        new Frame.RecordsFrame(5, 3, 1000, 77, 2, TestBatches.batch(random, 77, 2, 33, 9)),
        new Frame.TermStart(3, 1000, FrameFormat.LEVEL, new UUID(5, 6)),
        new Frame.PartitionOpen(3, 1000, 5, new PartitionId(new UUID(7, 8), 2), 4, CONFIG),
        new Frame.PartitionClose(3, 1000, 5),
        new Frame.PartitionConfigure(3, 1000, 5, CONFIG),
        new Frame.DeliverPending(3, 1000, 5),
        new Frame.LogStart(3, 1000, 5, 70),
        new Frame.ColdCommit(3, 1000, object),
        new Frame.ViewHash(3, 1000, Long.MIN_VALUE + 1),
        new Frame.ImportBegin(3, 1000, 6, MOVED, 77, history(object)),
        new Frame.ImportBegin(3, 1000, 6, MOVED, 77, new ImportedHistory(CONFIG, 9, List.of())),
        new Frame.ImportEnd(3, 1000, 6, 77, state(ByteBuffer.wrap(new byte[] {1, 2, 3}))),
        new Frame.ImportEnd(3, 1000, 6, 77, state(null)),
        new Frame.MoveOpen(3, 1000, 6, 77, 8),
        new Frame.MoveStep(3, 1000, 6, 77, Frame.MoveStep.Step.DROP),
        new Frame.MoveStep(3, 1000, 6, 77, Frame.MoveStep.Step.CLOSE),
        new Frame.MoveStep(3, 1000, 6, 77, Frame.MoveStep.Step.REOPEN),
        new Frame.MoveStep(3, 1000, 6, 77, Frame.MoveStep.Step.RELEASE),
        new Frame.MoveNeeds(3, 1000, MOVED, 77, List.of(0L, 4096L)));
  }

  private static final PartitionId MOVED = new PartitionId(new UUID(7, 8), 3);

  private static ImportedHistory history(ColdObject object) {
    return new ImportedHistory(
        CONFIG,
        70,
        List.of(
            new ColdStretch(object, new OffsetRange(10, 40), 5, 6, 7),
            new ColdStretch(object, new OffsetRange(40, 70), -1, 60, 70)));
  }

  private static ImportedState state(@Nullable ByteBuffer gate) {
    return new ImportedState(
        CONFIG,
        20,
        1_700,
        -1,
        List.of(new ImportedState.EpochStart(3, 10), new ImportedState.EpochStart(5, 60)),
        List.of(
            new ImportedState.Producer(
                9, (short) 2, 900, 800, List.of(new ImportedState.Batch(33, 4, 2)))),
        gate);
  }

  @ParameterizedTest
  @MethodSource("frames")
  void aFrameIsReadAsItWasWritten(Frame frame) {
    var bytes = encode(frame, 4096);
    assertThat(bytes.remaining()).isEqualTo(FrameCodec.sizeOf(frame)).matches(n -> n % 8 == 0);
    assertThat(new FrameScanner(LOG).next(bytes, 4096))
        .isEqualTo(new ScanOutcome.Found(frame, 4096, FrameCodec.sizeOf(frame)));
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("frames")
  void everyFlippedBitIsNoticed(Frame frame) {
    var bytes = encode(frame, 4096);
    var scanner = new FrameScanner(LOG);
    for (int i = 0; i < bytes.limit() * 8; i++) {
      byte flip = (byte) (1 << (i % 8));
      bytes.put(i / 8, (byte) (bytes.get(i / 8) ^ flip));
      assertThat(scanner.next(bytes, 4096))
          .isInstanceOfAny(ScanOutcome.Damaged.class, ScanOutcome.Torn.class);
      assertThat(bytes.position()).isZero();
      bytes.put(i / 8, (byte) (bytes.get(i / 8) ^ flip));
    }
  }

  @ParameterizedTest
  @MethodSource("frames")
  void everyShorterFrameIsTorn(Frame frame) {
    var bytes = encode(frame, 4096);
    for (int size = 1; size < bytes.capacity(); size++) {
      assertThat(new FrameScanner(LOG).next(bytes.duplicate().limit(size), 4096))
          .isInstanceOf(ScanOutcome.Torn.class);
    }
  }

  @Test
  void bytesOfAnotherLogOrPlaceDoNotValidate() {
    var bytes = encode(frames().get(1), 4096);
    assertThat(new FrameScanner(LOG).next(bytes, 4104)).isInstanceOf(ScanOutcome.Damaged.class);
    assertThat(new FrameScanner(new LogId(new UUID(11, 23))).next(bytes, 4096))
        .isInstanceOf(ScanOutcome.Damaged.class);
  }

  @Test
  void zerosAreTheEndOfTheLog() {
    var scanner = new FrameScanner(LOG);
    assertThat(scanner.next(ByteBuffer.allocate(0), 8)).isEqualTo(new ScanOutcome.End(8));
    assertThat(scanner.next(ByteBuffer.allocate(16), 8)).isEqualTo(new ScanOutcome.End(8));
    assertThat(scanner.next(ByteBuffer.allocate(1000), 8)).isEqualTo(new ScanOutcome.End(8));
  }

  @Test
  void aFrameOfANewerVersionIsToldApartFromDamage() {
    var bytes = encode(frames().get(4), 4096);
    bytes.put(FrameFormat.TYPE_POSITION, (byte) 99);
    var place = ByteBuffer.allocate(24).putLong(11).putLong(22).putLong(4096);
    var crc = new CRC32C();
    crc.update(place.flip());
    crc.update(bytes.duplicate().position(FrameFormat.TYPE_POSITION));
    bytes.putInt(FrameFormat.CRC_POSITION, (int) crc.getValue());
    assertThat(new FrameScanner(LOG).next(bytes, 4096))
        .isEqualTo(new ScanOutcome.UnknownType(4096, 99));
  }

  @Test
  void aGroupBeginsWithItsStart() {
    var target = ByteBuffer.allocate(1 << 16);
    var group = new GroupEncoder(new FrameCodec(LOG), target, 800);
    var random = new Random(2);
    var first = TestBatches.batch(random, 0, 1, 10, 5);
    var second = TestBatches.batch(random, 1, 3, 20, 6);
    long at = group.addGathered(new Frame.RecordsFrame(1, 2, 3, 0, 4, first), List.of(second));
    assertThat(at).isEqualTo(864);
    long end = group.finish(2, 3, 640);
    target.flip();
    var scanner = new FrameScanner(LOG);
    assertThat(scanner.next(target, 800))
        .extracting(found -> ((ScanOutcome.Found) found).frame())
        .isEqualTo(new Frame.GroupStart(2, 3, 640, (int) (end - 800)));
    var both = ByteBuffer.allocate(200).put(first).put(second).flip();
    assertThat(scanner.next(target, 864))
        .extracting(found -> ((ScanOutcome.Found) found).frame())
        .isEqualTo(new Frame.RecordsFrame(1, 2, 3, 0, 4, both));
    assertThat(target.hasRemaining()).isFalse();
  }

  @Test
  void noNoiseMakesTheScannerThrow() {
    var random = new Random(3);
    var scanner = new FrameScanner(LOG);
    for (int i = 0; i < 20_000; i++) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      var bytes = ByteBuffer.wrap(noise);
      if (noise.length > 16 && random.nextBoolean()) {
        bytes.putInt(0, FrameFormat.MAGIC).putInt(FrameFormat.SIZE_POSITION, random.nextInt(300));
      }
      assertThat(scanner.next(bytes, 0)).isNotInstanceOf(ScanOutcome.Found.class);
    }
  }

  private static ByteBuffer encode(Frame frame, long lsn) {
    var bytes = ByteBuffer.allocate(FrameCodec.sizeOf(frame));
    new FrameCodec(LOG).encode(frame, bytes, lsn);
    return bytes.flip();
  }
}
