package io.tidelog.hot.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.format.ColdStretch;
import io.tidelog.hot.format.ImportedHistory;
import io.tidelog.hot.format.ImportedState;
import io.tidelog.hot.move.MoveLimits;
import io.tidelog.hot.move.MoveSource;
import io.tidelog.hot.move.MoveTarget;
import io.tidelog.hot.move.SourceAnswer;
import io.tidelog.hot.move.TargetDecision;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.testkit.FuzzRounds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MoveAnswerTest {

  private static final LogId A = new LogId(new UUID(1, 1));
  private static final LogId B = new LogId(new UUID(2, 2));
  private static final PartitionId ID = new PartitionId(new UUID(3, 3), 4);
  private static final PartitionConfig CONFIG =
      new PartitionConfig(1, -1, -2, 4, true, false, 30_000, -1);
  private static final SourceAnswer TOLD =
      new SourceAnswer(5, 6, false, new OffsetRange(7, 9), 100, 9);

  private static ImportedHistory history() {
    var object = new ColdObject(A, 3, 0, 1 << 20, "a/b", 12345, 99, 17);
    var stretch = new ColdStretch(object, new OffsetRange(0, 7), 5, 6, 7);
    return new ImportedHistory(CONFIG, 7, List.of(stretch));
  }

  private static ImportedState state() {
    return new ImportedState(
        CONFIG,
        2,
        1_700,
        9,
        List.of(new ImportedState.EpochStart(3, 0)),
        List.of(
            new ImportedState.Producer(
                9, (short) 2, 900, 800, List.of(new ImportedState.Batch(3, 4, 2)))),
        ByteBuffer.wrap(new byte[] {1, 2}));
  }

  private static RecordBytes bytes(byte... content) {
    return new RecordBytes() {
      @Override
      public int sizeBytes() {
        return content.length;
      }

      @Override
      public List<Part> parts() {
        return List.of(new MemoryPart(ByteBuffer.wrap(content)));
      }

      @Override
      public void close() {
        // Nothing is held.
      }
    };
  }

  @Test
  void anAnswerIsReadAsItWasWritten() {
    var withHistory = MoveAnswer.encode(TOLD, history(), null, RecordBytes.EMPTY);
    assertThat(MoveAnswer.decode(withHistory))
        .isEqualTo(new MoveAnswer(TOLD, history(), null, MoveAnswer.NO_RECORDS));
    var withState = MoveAnswer.encode(TOLD, null, state(), bytes((byte) 1, (byte) 2));
    assertThat(MoveAnswer.decode(withState))
        .isEqualTo(new MoveAnswer(TOLD, null, state(), ByteBuffer.wrap(new byte[] {1, 2})));
  }

  @Test
  void anyBytesAreAnAnswerOrRefused() {
    long seed = FuzzRounds.seed();
    var random = new Random(seed);
    var sound =
        List.of(
            MoveAnswer.encode(TOLD, history(), null, RecordBytes.EMPTY),
            MoveAnswer.encode(TOLD, null, state(), bytes((byte) 1)));
    for (int round = 0; round < FuzzRounds.count(); round++) {
      var whole = sound.get(random.nextInt(sound.size()));
      var damaged = ByteBuffer.allocate(random.nextInt(whole.remaining() + 1));
      damaged.put(whole.slice(0, damaged.capacity())).flip();
      for (int i = random.nextInt(4); i > 0 && damaged.hasRemaining(); i--) {
        damaged.put(random.nextInt(damaged.limit()), (byte) random.nextInt());
      }
      try {
        MoveAnswer.decode(damaged);
      } catch (IllegalArgumentException refused) {
        assertThat(refused).as("seed %d round %d", seed, round).isNotNull();
      }
    }
  }

  private static MovingPartition asking(long request) {
    var limits = new MoveLimits(1, 1, 1, 1);
    var partition =
        new MovingPartition(ID, new MoveSource(B, limits), new MoveTarget(B, limits, 1));
    partition.onAsked(new TargetDecision.Ask(request, new PartitionMove(ID, 6, A, B), 7, false));
    return partition;
  }

  private static List<ReplicaMessage.MovePart> parts(ByteBuffer answer, int bytes) {
    List<ReplicaMessage.MovePart> parts = new ArrayList<>();
    int size = answer.remaining();
    for (int at = 0; at < size; at += bytes) {
      var slice = answer.slice(at, Math.min(bytes, size - at));
      parts.add(new ReplicaMessage.MovePart(1, 5, ID, at, size, slice));
    }
    return parts;
  }

  @Test
  void anAnswerIsWholeWhenItsLastPartHasCome() {
    var partition = asking(5);
    var parts = parts(MoveAnswer.encode(TOLD, null, state(), bytes((byte) 1)), 10);
    for (var part : parts.subList(0, parts.size() - 1)) {
      assertThat(partition.onPart(part)).isNull();
    }
    var answer = partition.onPart(parts.getLast());
    assertThat(answer).isNotNull();
    assertThat(answer.state()).isEqualTo(state());
    partition.keep(answer);
    assertThat(partition.answerTo(5)).isSameAs(answer);
    assertThatThrownBy(() -> partition.answerTo(4)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anAnswerWithoutOneOfItsPartsIsNone() {
    var partition = asking(5);
    var parts = parts(MoveAnswer.encode(TOLD, null, state(), bytes((byte) 1)), 10);
    parts.remove(2);
    assertThat(parts).allMatch(part -> partition.onPart(part) == null);
    parts.remove(0);
    assertThat(parts).allMatch(part -> partition.onPart(part) == null);
  }

  @Test
  void anAnswerWithoutWhatItSaysIsUnsound() {
    var withoutState = parts(MoveAnswer.encode(TOLD, null, null, bytes((byte) 1)), 1_000);
    assertThatThrownBy(() -> asking(5).onPart(withoutState.getFirst()))
        .isInstanceOf(IllegalArgumentException.class);
    var withoutRecords = parts(MoveAnswer.encode(TOLD, null, state(), RecordBytes.EMPTY), 1_000);
    assertThatThrownBy(() -> asking(5).onPart(withoutRecords.getFirst()))
        .isInstanceOf(IllegalArgumentException.class);
    var unasked = parts(MoveAnswer.encode(TOLD, history(), null, RecordBytes.EMPTY), 1_000);
    assertThatThrownBy(() -> asking(5).onPart(unasked.getFirst()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void partsOfAnotherAnswerOrWithoutSenseAreNotTaken() {
    var answer = MoveAnswer.encode(TOLD, null, state(), bytes((byte) 1));
    assertThat(parts(answer, 10)).allMatch(part -> asking(4).onPart(part) == null);
    var partition = asking(5);
    for (int position : new int[] {-1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      for (int size : new int[] {-1, 0, 5, Integer.MAX_VALUE}) {
        var part = new ReplicaMessage.MovePart(1, 5, ID, position, size, ByteBuffer.allocate(10));
        assertThat(partition.onPart(part)).isNull();
      }
    }
  }
}
