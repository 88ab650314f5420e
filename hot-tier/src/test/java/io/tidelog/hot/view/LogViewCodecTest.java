package io.tidelog.hot.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.hot.format.ColdStretch;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.Frame.MoveStep.Step;
import io.tidelog.hot.format.ImportedHistory;
import io.tidelog.hot.format.ImportedState;
import io.tidelog.hot.move.MoveStanding;
import io.tidelog.testkit.FormatSamples;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogViewCodecTest {

  private static final ProducerLimits LIMITS = new ProducerLimits(5_000, 8);

  /** Writes a log by chance and keeps its frames. */
  private static final class RandomLog {
    private final Random random;
    private final ViewFixture log = new ViewFixture(LIMITS);
    private final List<Frame> frames = new ArrayList<>();
    private final List<FramePlace> places = new ArrayList<>();
    private long previousBase = -1;
    private long moveEpoch;

    RandomLog(long seed) {
      random = new Random(seed);
    }

    void step() {
      log.timeMs += random.nextInt(100);
      int number = random.nextInt(6);
      var partition = log.view.find(ViewFixture.partition(number));
      int choice = random.nextInt(100);
      if (partition == null && random.nextInt(3) == 0) {
        beginImport(ViewFixture.partition(number));
      } else if (partition != null && !partition.isOpen()) {
        stepMove(partition);
      } else if (partition != null && random.nextInt(60) == 0) {
        moveStep(partition, ++moveEpoch, Step.CLOSE);
      } else if (partition == null) {
        var config = random.nextBoolean() ? ViewFixture.PLAIN : ViewFixture.delayed(300);
        int ref = log.view.nextPartitionRef();
        apply(
            new Frame.PartitionOpen(
                log.term, log.timeMs, ref, ViewFixture.partition(number), 3, config));
      } else if (choice < 70) {
        append(partition);
      } else if (choice < 78) {
        previousBase = log.roll();
      } else if (choice < 84) {
        long start = random.nextLong(partition.nextOffset() + 1);
        apply(new Frame.LogStart(log.term, log.timeMs, partition.ref(), start));
      } else if (choice < 90 && previousBase >= 0) {
        var object = log.object(previousBase, log.segmentBaseLsn);
        if (previousBase < log.segmentBaseLsn) {
          apply(new Frame.ColdCommit(log.term, log.timeMs, object));
        }
      } else if (choice < 92) {
        apply(new Frame.PartitionClose(log.term, log.timeMs, partition.ref()));
      } else if (choice < 95) {
        var config = ViewFixture.delayed(random.nextInt(3) * 200L);
        apply(new Frame.PartitionConfigure(log.term, log.timeMs, partition.ref(), config));
      } else if (choice < 97) {
        apply(new Frame.DeliverPending(log.term, log.timeMs, partition.ref()));
      } else {
        log.term++;
        apply(new Frame.TermStart(log.term, log.timeMs, 1, new UUID(0, log.term)));
      }
    }

    private void beginImport(PartitionId id) {
      long end = 0;
      List<ColdStretch> cold = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        var other = new LogId(new UUID(2, random.nextInt(2)));
        var object = new ColdObject(other, 4, end, end + 1, "other-" + end, 10, 5, 3);
        var offsets = new OffsetRange(end, end + 1 + random.nextInt(5));
        cold.add(new ColdStretch(object, offsets, log.timeMs, 100, log.timeMs));
        end = offsets.end();
      }
      var history = new ImportedHistory(ViewFixture.PLAIN, end, cold);
      int ref = log.view.nextPartitionRef();
      apply(new Frame.ImportBegin(log.term, log.timeMs, ref, id, ++moveEpoch, history));
    }

    private void stepMove(PartitionView partition) {
      // Frames of another move are in the log, too, and mean nothing.
      long epoch = partition.moveEpoch() + (random.nextInt(8) == 0 ? 1 : 0);
      switch (partition.standing()) {
        case MoveStanding.Importing importing when random.nextInt(4) > 0 -> append(partition);
        case MoveStanding.Importing importing when random.nextInt(4) > 0 ->
            apply(
                new Frame.ImportEnd(
                    log.term, log.timeMs, partition.ref(), epoch, state(partition)));
        case MoveStanding.Imported imported when random.nextInt(4) > 0 ->
            apply(
                new Frame.MoveOpen(
                    log.term, log.timeMs, partition.ref(), epoch, random.nextInt(9)));
        case MoveStanding.Closed closed when random.nextBoolean() ->
            moveStep(partition, epoch, Step.RELEASE);
        case MoveStanding.Closed closed -> moveStep(partition, epoch, Step.REOPEN);
        default -> moveStep(partition, epoch, Step.DROP);
      }
      if (random.nextInt(4) == 0) {
        List<Long> named = new ArrayList<>();
        for (var kept : log.view.coveredSegments().kept()) {
          kept.objects().stream()
              .filter(one -> random.nextBoolean())
              .forEach(one -> named.add(one.baseLsn()));
        }
        var id = ViewFixture.partition(random.nextInt(6));
        long needed = random.nextLong(moveEpoch + 1);
        apply(new Frame.MoveNeeds(log.term, log.timeMs, id, needed, named));
      }
    }

    private ImportedState state(PartitionView partition) {
      var gates = new ListDelayGates();
      var gate = gates.create(200);
      gate.onAppended(partition.nextOffset(), log.timeMs, 10);
      return new ImportedState(
          ViewFixture.delayed(200),
          random.nextLong(partition.nextOffset() + 1),
          log.timeMs + 200,
          random.nextInt(4),
          List.of(new ImportedState.EpochStart(2, 0), new ImportedState.EpochStart(3, 1)),
          List.of(producer(random.nextInt(12)), producer(20)),
          random.nextBoolean() ? gate.save() : null);
    }

    private ImportedState.Producer producer(int id) {
      return new ImportedState.Producer(
          id,
          (short) 0,
          log.timeMs - random.nextInt(6_000),
          log.timeMs,
          List.of(new ImportedState.Batch(3, 1, 0)));
    }

    private void moveStep(PartitionView partition, long epoch, Step step) {
      apply(new Frame.MoveStep(log.term, log.timeMs, partition.ref(), epoch, step));
    }

    private void append(PartitionView partition) {
      var batch =
          TestBatch.of(1 + random.nextInt(4))
              .at(log.timeMs)
              .from(random.nextInt(12), 0, random.nextInt(10));
      long offset = partition.nextOffset();
      var bytes = batch.bytesAt(offset);
      apply(
          new Frame.RecordsFrame(
              partition.ref(), log.term, log.timeMs, offset, bytes.getInt(57), bytes));
    }

    private void apply(Frame frame) {
      var place = log.place();
      frames.add(frame);
      places.add(place);
      log.view.apply(frame, place);
    }
  }

  private static LogView restored(LogView view) {
    return LogViewCodec.restore(
        LogViewCodec.save(view), ViewFixture.LOG, LIMITS, new ListDelayGates());
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aViewRebuiltFromACheckpointAndTheFramesBehindItEqualsTheOneHeld(long seed) {
    var random = new RandomLog(seed);
    LogView rebuilt = new LogView(ViewFixture.LOG, LIMITS, new ListDelayGates());
    int replayed = 0;
    for (int step = 0; step < 2_000; step++) {
      random.step();
      if (step % 397 == 0) {
        rebuilt = restored(random.log.view);
        replayed = random.frames.size();
        assertThat(rebuilt.hash())
            .as("seed %d step %d", seed, step)
            .isEqualTo(random.log.view.hash());
      }
    }
    for (; replayed < random.frames.size(); replayed++) {
      rebuilt.apply(random.frames.get(replayed), random.places.get(replayed));
    }
    assertThat(rebuilt.hash()).as("seed %d", seed).isEqualTo(random.log.view.hash());
    assertThat(LogViewCodec.save(rebuilt)).isEqualTo(LogViewCodec.save(random.log.view));
    assertThat(rebuilt.coveredSegments().keys())
        .isEqualTo(random.log.view.coveredSegments().keys());
    assertThat(rebuilt.moving()).hasSameSizeAs(random.log.view.moving());
    for (var partition : random.log.view.partitions()) {
      var same = rebuilt.find(partition.id());
      assertThat(same).isNotNull();
      assertThat(same.totalBytes()).isEqualTo(partition.totalBytes());
      assertThat(same.tieredEndOffset(rebuilt.coldEndLsn()))
          .isEqualTo(partition.tieredEndOffset(random.log.view.coldEndLsn()));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aSnapshotStaysAsItWasWhileTheViewGoesOn(long seed) {
    var random = new RandomLog(seed);
    var snapshot = ViewSnapshot.of(random.log.view);
    var saved = LogViewCodec.save(random.log.view);
    for (int step = 1; step < 2_000; step++) {
      random.step();
      if (step % 97 == 0) {
        assertThat(LogViewCodec.save(snapshot)).as("seed %d", seed).isEqualTo(saved);
        snapshot = ViewSnapshot.of(random.log.view);
        saved = LogViewCodec.save(random.log.view);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 40, 200})
  void aCutCheckpointIsBroken(int bytes) {
    var random = new RandomLog(1);
    for (int step = 0; step < 200; step++) {
      random.step();
    }
    ByteBuffer cut = LogViewCodec.save(random.log.view);
    cut.limit(bytes);
    assertThatThrownBy(
            () -> LogViewCodec.restore(cut, ViewFixture.LOG, LIMITS, new ListDelayGates()))
        .isInstanceOf(Fault.Broken.class);
  }

  @ParameterizedTest
  @ValueSource(longs = 99)
  void aCheckpointOfAnotherLogIsBroken(long other) {
    var saved = LogViewCodec.save(new ViewFixture().view);
    assertThatThrownBy(
            () ->
                LogViewCodec.restore(
                    saved, new LogId(new UUID(0, other)), LIMITS, new ListDelayGates()))
        .isInstanceOf(Fault.Broken.class);
  }

  /** The sample is such a log's, once; how these are made up may change. */
  @Test
  void aCheckpointOfLevelFourIsReadAndWrittenAsEver() throws Exception {
    assertThat(LogViewCodec.LEVEL).as("a new level gets a sample of its own").isEqualTo(4);
    var random = new RandomLog(1);
    for (int step = 0; step < 150; step++) {
      random.step();
    }
    var now = bytes(LogViewCodec.save(random.log.view));

    var kept = FormatSamples.kept("checkpoint-4", Map.of("view", now)).get("view");

    var view =
        LogViewCodec.restore(ByteBuffer.wrap(kept), ViewFixture.LOG, LIMITS, new ListDelayGates());
    assertThat(view.partitions()).isNotEmpty();
    assertThat(bytes(LogViewCodec.save(view))).isEqualTo(kept);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    var bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
