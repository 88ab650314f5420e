package io.tidelog.hot.replica;

import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.format.ImportedState;
import io.tidelog.hot.move.SourceAnswer;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers about partitions that move, changed as by a leader with a fault, for tests that must find
 * it. They borrow whole answers, position to limit, and give new ones.
 */
public final class MoveAnswers {

  private MoveAnswers() {}

  /** Without what the source remembers of producers. */
  public static ByteBuffer withoutProducers(ByteBuffer answer) {
    var given = MoveAnswer.decode(answer.duplicate());
    var state = given.state();
    return state == null
        ? answer
        : encode(given, given.told(), with(state.config(), state.logStartOffset(), state));
  }

  /** As if the partition took no more records, when all that it has now is in the answer. */
  public static ByteBuffer asIfClosed(ByteBuffer answer, PartitionConfig config) {
    var given = MoveAnswer.decode(answer.duplicate());
    var told = given.told();
    boolean isAll =
        config.delayMs() == 0 // a gate cannot be made up
            && given.history() == null
            && given.state() == null
            && !told.isGone()
            && told.bytesLeft() == 0;
    if (!isAll) {
      return answer;
    }
    var closed =
        new SourceAnswer(
            told.request(), told.epoch(), false, told.offsets(), 0, told.offsets().end());
    return encode(given, closed, with(config, 0, null));
  }

  private static ImportedState with(
      PartitionConfig config, long logStartOffset, @Nullable ImportedState of) {
    return new ImportedState(
        config,
        logStartOffset,
        of == null ? 0 : of.lastDueMs(),
        of == null ? -1 : of.highestForgottenProducer(),
        of == null ? List.of() : of.epochs(),
        List.of(),
        of == null ? null : of.gate());
  }

  private static ByteBuffer encode(MoveAnswer given, SourceAnswer told, ImportedState state) {
    return MoveAnswer.encode(told, given.history(), state, new Held(given.records()));
  }

  private record Held(ByteBuffer records) implements RecordBytes {

    @Override
    public int sizeBytes() {
      return records.remaining();
    }

    @Override
    public List<Part> parts() {
      return List.of(new MemoryPart(records));
    }

    @Override
    public void close() {}
  }
}
