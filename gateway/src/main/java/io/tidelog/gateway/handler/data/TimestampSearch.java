package io.tidelog.gateway.handler.data;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.core.log.TimeRequest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Finds the record that belongs to a timestamp in one partition: the tiers find the batch, this one
 * the record in it. Lives on one lane that is no event loop, since it decompresses and may read a
 * file; used once.
 */
final class TimestampSearch {

  /** A climb and a halving of 64 bits take fewer. */
  private static final int MAX_PROBES = 200;

  /** Batches whose headers promise more than they hold; a client that writes so is broken. */
  private static final int MAX_SKIPPED = 10_000;

  private static final int MAX_RETRIES = 3;

  private final Lane lane;
  private final LogReader log;
  private final @Nullable ColdReader cold;
  private final PartitionId partition;
  private final Consumer<Outcome> receiver;

  private int probes;
  private int skipped;
  private int retries;

  /**
   * @param cold null where whoever asks searches the cold tier itself
   * @param receiver told once, on {@code lane}
   */
  TimestampSearch(
      Lane lane,
      LogReader log,
      @Nullable ColdReader cold,
      PartitionId partition,
      Consumer<Outcome> receiver) {
    this.lane = lane;
    this.log = log;
    this.cold = cold;
    this.partition = partition;
    this.receiver = receiver;
  }

  /** The first visible record at or after {@code timestampMs}. */
  void findFirst(long timestampMs) {
    findFirst(timestampMs, 0);
  }

  /**
   * @param fromOffset batches that end at or before it are passed over
   */
  void findFirst(long timestampMs, long fromOffset) {
    lane.execute(() -> tellFirst(timestampMs, fromOffset));
  }

  private void tellFirst(long timestampMs, long fromOffset) {
    probe(
        new TimeRequest(partition, timestampMs, fromOffset),
        found -> {
          if (found == null) {
            receiver.accept(NOTHING);
            return;
          }
          var record = found.firstSince(timestampMs);
          if (record != null) {
            receiver.accept(record);
          } else if (maySkip()) {
            tellFirst(timestampMs, found.endOffset());
          }
        });
  }

  /** The first of the visible records with the largest timestamp. */
  void findLargest() {
    lane.execute(this::readLastBatch);
  }

  /** The timestamps of the last batch are most often the largest, and if not a good beginning. */
  private void readLastBatch() {
    var at = log.snapshot(partition);
    if (at == null) {
      receiver.accept(new Failed(Refusal.NOT_LEADER_OR_FOLLOWER));
    } else if (at.visibleEndOffset() == at.logStartOffset()) {
      receiver.accept(NOTHING);
    } else {
      readAt(
          at.visibleEndOffset() - 1,
          last -> probe(last == null ? 0 : Math.max(0, last.largest()), first -> climb(first, 1)));
    }
  }

  /** Looks for a larger timestamp in steps that double, then halves the last step. */
  private void climb(@Nullable Found best, long step) {
    if (best == null) {
      receiver.accept(NOTHING);
      return;
    }
    long largest = best.largest();
    if (step > Long.MAX_VALUE - largest) {
      halve(best, Long.MAX_VALUE);
      return;
    }
    probe(
        largest + step,
        larger -> {
          if (larger == null) {
            halve(best, largest + step);
          } else {
            climb(larger, step > Long.MAX_VALUE / 2 ? step : step * 2);
          }
        });
  }

  /** {@code best} exists and nothing at or after {@code none} does. */
  private void halve(Found best, long none) {
    long largest = best.largest();
    long middle = largest + 1 + (none - largest - 1) / 2;
    if (middle >= none) {
      tellFirst(largest, 0);
      return;
    }
    probe(
        middle,
        larger -> {
          if (larger == null) {
            halve(best, middle);
          } else {
            halve(larger, none);
          }
        });
  }

  private void probe(long timestampMs, Consumer<@Nullable Found> next) {
    probes++;
    if (probes > MAX_PROBES) {
      receiver.accept(new Failed(Refusal.UNKNOWN_SERVER_ERROR));
    } else {
      probe(new TimeRequest(partition, timestampMs, 0), next);
    }
  }

  /**
   * Finds the first batch with a record at or after the time, or null. Of a batch that begins
   * before the log start the records behind it decide.
   */
  private void probe(TimeRequest request, Consumer<@Nullable Found> next) {
    ask(
        completion -> log.findByTime(request, completion),
        (reader, at, references, completion) ->
            reader.findByTime(request, at, references, completion),
        answer -> {
          var found = answer.found();
          if (found == null && answer.searchedEnd() < answer.at().visibleEndOffset()) {
            probe(from(request, answer.searchedEnd()), next);
          } else if (found != null && found.largest() < request.timestampMs()) {
            probe(from(request, found.endOffset()), next);
          } else {
            next.accept(found);
          }
        });
  }

  private static TimeRequest from(TimeRequest request, long offset) {
    return new TimeRequest(request.partition(), request.timestampMs(), offset);
  }

  private boolean maySkip() {
    skipped++;
    if (skipped > MAX_SKIPPED) {
      receiver.accept(new Failed(Refusal.UNKNOWN_SERVER_ERROR));
    }
    return skipped <= MAX_SKIPPED;
  }

  /** Reads the batch that contains the offset. */
  private void readAt(long offset, Consumer<@Nullable Found> next) {
    var request = new ReadRequest(partition, offset, 1, true, ReadRequest.UpTo.VISIBLE_END);
    ask(
        completion -> log.read(request, completion),
        (reader, at, references, completion) -> reader.read(request, at, references, completion),
        answer -> next.accept(answer.found()));
  }

  private void ask(Consumer<ReadCompletion> askLog, ColdQuestion askCold, Consumer<Answer> next) {
    askLog.accept(
        result ->
            lane.execute(
                () -> {
                  switch (result) {
                    case ReadResult.Cold(var at, var references) when cold == null ->
                        receiver.accept(new InCold(at, references));
                    case ReadResult.Cold(var at, var references) ->
                        askCold.ask(
                            cold,
                            at,
                            references,
                            found ->
                                lane.execute(
                                    () ->
                                        onResult(
                                            found,
                                            references.getLast().offsets().end(),
                                            new Question(askLog, askCold, next))));
                    default ->
                        onResult(result, Long.MAX_VALUE, new Question(askLog, askCold, next));
                  }
                }));
  }

  /**
   * @param searchedEnd nothing at or behind this offset was looked at
   */
  private void onResult(ReadResult result, long searchedEnd, Question question) {
    switch (result) {
      case ReadResult.Records(var at, var bytes) ->
          continueWith(at, bytes, searchedEnd, question.next());
      case ReadResult.OutOfRange(var at) ->
          question.next().accept(new Answer(at, null, Long.MAX_VALUE));
      case ReadResult.UnknownPartition() ->
          receiver.accept(new Failed(Refusal.NOT_LEADER_OR_FOLLOWER));
      case ReadResult.Failed(Fault.Retriable _) when retries < MAX_RETRIES -> {
        retries++;
        ask(question.askLog(), question.askCold(), question.next());
      }
      case ReadResult.Failed(Fault.Refused refused) ->
          receiver.accept(new Failed(refused.refusal()));
      case ReadResult.Failed _, ReadResult.Cold _ ->
          receiver.accept(new Failed(Refusal.KAFKA_STORAGE_ERROR));
    }
  }

  private void continueWith(
      PartitionSnapshot at, RecordBytes bytes, long searchedEnd, Consumer<Answer> next) {
    Found found;
    try (bytes) {
      found = bytes.sizeBytes() == 0 ? null : new Found(at, copy(bytes));
    }
    next.accept(new Answer(at, found, searchedEnd));
  }

  private static MemoryRecords copy(RecordBytes bytes) {
    var copy = ByteBuffer.allocate(bytes.sizeBytes());
    for (var part : bytes.parts()) {
      copy.put(part.bytes().duplicate());
    }
    return MemoryRecords.readableRecords(copy.flip());
  }

  @FunctionalInterface
  private interface ColdQuestion {
    void ask(
        ColdReader cold,
        PartitionSnapshot at,
        List<ColdReference> references,
        ReadCompletion completion);
  }

  /** What was asked, to be asked again. */
  private record Question(
      Consumer<ReadCompletion> askLog, ColdQuestion askCold, Consumer<Answer> next) {}

  /**
   * @param searchedEnd nothing at or behind this offset was looked at
   */
  private record Answer(PartitionSnapshot at, @Nullable Found found, long searchedEnd) {}

  /** One batch; if more were read, the first of them. */
  private record Found(PartitionSnapshot at, MemoryRecords records) {

    private MutableRecordBatch batch() {
      return records.batches().iterator().next();
    }

    private long endOffset() {
      return batch().nextOffset();
    }

    /** The largest timestamp of what a client may read of it, −1 when that is nothing. */
    private long largest() {
      var batch = batch();
      if (batch.baseOffset() >= at.logStartOffset()) {
        return batch.maxTimestamp();
      }
      long largest = RecordBatch.NO_TIMESTAMP;
      for (var record : batch) {
        if (record.offset() >= at.logStartOffset()) {
          largest = Math.max(largest, record.timestamp());
        }
      }
      return largest;
    }

    private @Nullable Record firstSince(long timestampMs) {
      var batch = batch();
      for (var record : batch) {
        if (record.timestamp() >= timestampMs
            && record.offset() >= at.logStartOffset()
            && record.offset() < at.visibleEndOffset()) {
          return new Record(record.offset(), record.timestamp(), batch.partitionLeaderEpoch());
        }
      }
      return null;
    }
  }

  sealed interface Outcome {}

  record Record(long offset, long timestampMs, int leaderEpoch) implements Outcome {}

  record Nothing() implements Outcome {}

  record Failed(Refusal refusal) implements Outcome {}

  /** Whoever asks has to search in these, and from their end on here again. */
  record InCold(PartitionSnapshot at, List<ColdReference> references) implements Outcome {}

  private static final Nothing NOTHING = new Nothing();
}
