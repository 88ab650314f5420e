package io.tidelog.hot.replica.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.ReplicaMessage.Append;
import io.tidelog.hot.replica.TermStart;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReplicaCodecTest {

  private static final LogId LOG = new LogId(new UUID(1, 2));
  private static final ReplicaId REPLICA = new ReplicaId(3, new UUID(4, 5));
  private static final int ROUNDS = 5_000;

  @Test
  void whatIsEncodedIsDecodedAgain() throws BadFrameException {
    long seed = Long.getLong("tidelog.seed", 4_711);
    var messages = new RandomMessages(new Random(seed));
    for (int i = 0; i < ROUNDS; i++) {
      var frame = messages.next();
      assertThat(ReplicaCodec.decode(encoded(frame)))
          .as("seed %d round %d", seed, i)
          .isEqualTo(frame);
    }
  }

  @Test
  void aFrameThatIsCutOffIsNoFrame() {
    var messages = new RandomMessages(new Random(1));
    for (int i = 0; i < 22; i++) {
      var bytes = encoded(messages.next());
      for (int end = 0; end < bytes.limit(); end++) {
        var cut = bytes.duplicate().limit(end);
        assertThatExceptionOfType(BadFrameException.class)
            .isThrownBy(() -> ReplicaCodec.decode(cut))
            .withMessage("frame is cut off");
      }
    }
  }

  @Test
  void aFlippedBitIsSeenUnlessItIsInGroupsWhichAreCheckedLater() throws BadFrameException {
    var messages = new RandomMessages(new Random(2));
    for (int i = 0; i < 22; i++) {
      var frame = messages.next();
      var bytes = encoded(frame);
      int groups = frame.message() instanceof Append append ? append.groups().remaining() : 0;
      for (int bit = 0; bit < bytes.limit() * 8; bit++) {
        flip(bytes, bit);
        if (bit / 8 < bytes.limit() - groups) {
          assertThatExceptionOfType(BadFrameException.class)
              .isThrownBy(() -> ReplicaCodec.decode(bytes.duplicate()));
        } else {
          assertThat(ReplicaCodec.decode(bytes.duplicate())).isNotEqualTo(frame);
        }
        flip(bytes, bit);
      }
    }
  }

  @Test
  void anUnknownTypeOrVersionSaysSo() {
    var bytes = encoded(new ReplicaFrame(LOG, new ReplicaMessage.TakeOver(1)));
    assertThatExceptionOfType(BadFrameException.class)
        .isThrownBy(() -> ReplicaCodec.decode(bytes.duplicate().put(8, (byte) 3)))
        .withMessage("unknown version 3");
    assertThatExceptionOfType(BadFrameException.class)
        .isThrownBy(() -> ReplicaCodec.decode(bytes.duplicate().put(8, (byte) 2)))
        .withMessage("TAKE_OVER of version 2");
    bytes.put(8, (byte) 1);
    assertThatExceptionOfType(BadFrameException.class)
        .isThrownBy(() -> ReplicaCodec.decode(bytes.duplicate().put(9, (byte) 17)))
        .withMessageStartingWith("unknown type 17");
  }

  @Test
  void nothingLargerThanAReceiverTakesIsEncoded() {
    var history = Collections.nCopies(ReplicaFormat.MAX_HISTORY + 1, new TermStart(1, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ReplicaCodec.sizeBytes(new ReplicaMessage.Open(1, 1, REPLICA, 0, 0, history)));
    var part = ByteBuffer.allocate(ReplicaFormat.MAX_CHECKPOINT_PART_BYTES + 1);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ReplicaCodec.sizeBytes(
                    new ReplicaMessage.CheckpointPart(1, 1, 0, 0, 0, 1 << 30, part)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReplicaCodec.checkedGroups(ReplicaFormat.MAX_GROUPS_BYTES + 1));
  }

  @Test
  void theLargestOfEachIsDecoded() throws BadFrameException {
    var history = Collections.nCopies(ReplicaFormat.MAX_HISTORY, new TermStart(1, 2));
    var part = ByteBuffer.allocate(ReplicaFormat.MAX_CHECKPOINT_PART_BYTES);
    var groups = ByteBuffer.allocate(ReplicaFormat.MAX_GROUPS_BYTES);
    for (var message :
        List.of(
            new ReplicaMessage.Open(1, 1, REPLICA, 0, 0, history),
            new ReplicaMessage.CheckpointPart(1, 1, 0, 0, 0, 1 << 30, part),
            new Append(1, 1, 0, 0, 0, 0, groups))) {
      var frame = new ReplicaFrame(LOG, message);
      assertThat(ReplicaCodec.decode(encoded(frame))).isEqualTo(frame);
    }
  }

  @Test
  void aSizeBeyondTheLimitsIsRefusedBeforeAnythingElseIsRead() {
    var append =
        encoded(new ReplicaFrame(LOG, new Append(1, 1, 0, 0, 0, 0, ByteBuffer.allocate(0))));
    var open = encoded(new ReplicaFrame(LOG, new ReplicaMessage.Probe(1, 1, REPLICA)));
    for (int size : new int[] {-1, 0, Integer.MIN_VALUE, Integer.MAX_VALUE, 70 << 20}) {
      for (var bytes : List.of(append, open)) {
        var head = bytes.duplicate().putInt(0, size).limit(ReplicaFormat.HEAD_BYTES);
        var reader = new FrameReader(GroupsPool.NONE, _ -> true);
        assertThatExceptionOfType(BadFrameException.class)
            .isThrownBy(() -> reader.next(head))
            .withMessageEndingWith(" of " + size + " bytes");
      }
    }
  }

  static ByteBuffer encoded(ReplicaFrame frame) {
    var bytes = ByteBuffer.allocate(ReplicaCodec.sizeBytes(frame.message()));
    ReplicaCodec.encode(frame.log(), frame.message(), bytes);
    assertThat(bytes.hasRemaining()).isFalse();
    return bytes.flip();
  }

  private static void flip(ByteBuffer bytes, int bit) {
    int at = bit / 8;
    bytes.put(at, (byte) (bytes.get(at) ^ (1 << (bit % 8))));
  }
}
