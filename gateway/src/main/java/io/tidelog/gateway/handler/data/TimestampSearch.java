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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Finds the record that belongs to a timestamp in one partition: the tiers find the batch, this one
 * the record in it. Lives on one lane that is no event loop, since it decompresses and may read a
 * file; used once.
 */
final class TimestampSearch {

  private static final int SCAN_BYTES = 1 << 20;
  private static final int MAX_PROBES = 200;
  private static final int MAX_RETRIES = 3;

  private final Lane lane;
  private final LogReader log;
  private final ColdReader cold;
  private final PartitionId partition;
  private final Consumer<Outcome> receiver;

  private int probes;
  private int retries;

  /**
   * @param receiver told once, on {@code lane}
   */
  TimestampSearch(
      Lane lane,
      LogReader log,
      ColdReader cold,
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
    lane.execute(() -> probe(timestampMs, batch -> scan(batch, timestampMs)));
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
          1,
          last -> {
            long largest = last == null ? 0 : Math.max(0, last.header().maxTimestamp());
            probe(largest, first -> climb(first, 1));
          });
    }
  }

  /** Looks for a larger timestamp in steps that double, then halves the last step. */
  private void climb(@Nullable Found best, long step) {
    if (best == null) {
      receiver.accept(NOTHING);
      return;
    }
    long largest = best.header().maxTimestamp();
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
    long largest = best.header().maxTimestamp();
    long middle = largest + 1 + (none - largest - 1) / 2;
    if (middle >= none) {
      scan(best, largest);
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

  /** Finds the first batch with a record at or after {@code timestampMs}, or null. */
  private void probe(long timestampMs, Consumer<@Nullable Found> next) {
    probes++;
    if (probes > MAX_PROBES) {
      receiver.accept(new Failed(Refusal.UNKNOWN_SERVER_ERROR));
      return;
    }
    ask(
        completion -> log.findByTime(partition, timestampMs, completion),
        (at, references, completion) -> cold.findByTime(timestampMs, at, references, completion),
        next);
  }

  private void readAt(long offset, int maxBytes, Consumer<@Nullable Found> next) {
    var request = new ReadRequest(partition, offset, maxBytes, true, ReadRequest.UpTo.VISIBLE_END);
    ask(
        completion -> log.read(request, completion),
        (at, references, completion) -> cold.read(request, at, references, completion),
        next);
  }

  /** From the batch that should hold the record on; it may lie below the log start in it. */
  private void scan(@Nullable Found found, long timestampMs) {
    if (found == null) {
      receiver.accept(NOTHING);
      return;
    }
    for (var batch : found.records().batches()) {
      if (batch.maxTimestamp() >= timestampMs && batch.nextOffset() > found.at().logStartOffset()) {
        var record = recordIn(batch, timestampMs, found.at());
        if (record != null) {
          receiver.accept(record);
          return;
        }
      }
    }
    long end = found.endOffset();
    if (end >= found.at().visibleEndOffset()) {
      receiver.accept(NOTHING);
    } else {
      readAt(end, SCAN_BYTES, more -> scan(more, timestampMs));
    }
  }

  private static @Nullable Record recordIn(
      MutableRecordBatch batch, long timestampMs, PartitionSnapshot at) {
    for (var record : batch) {
      if (record.timestamp() >= timestampMs
          && record.offset() >= at.logStartOffset()
          && record.offset() < at.visibleEndOffset()) {
        return new Record(record.offset(), record.timestamp(), batch.partitionLeaderEpoch());
      }
    }
    return null;
  }

  private void ask(
      Consumer<ReadCompletion> askLog, ColdQuestion askCold, Consumer<@Nullable Found> next) {
    askLog.accept(
        result ->
            lane.execute(
                () -> {
                  switch (result) {
                    case ReadResult.Cold(var at, var references) ->
                        askCold.ask(
                            at,
                            references,
                            found -> lane.execute(() -> onResult(found, askLog, askCold, next)));
                    default -> onResult(result, askLog, askCold, next);
                  }
                }));
  }

  private void onResult(
      ReadResult result,
      Consumer<ReadCompletion> askLog,
      ColdQuestion askCold,
      Consumer<@Nullable Found> next) {
    switch (result) {
      case ReadResult.Records(var at, var bytes) -> continueWith(at, bytes, next);
      case ReadResult.OutOfRange _ -> next.accept(null);
      case ReadResult.UnknownPartition() ->
          receiver.accept(new Failed(Refusal.NOT_LEADER_OR_FOLLOWER));
      case ReadResult.Failed(Fault.Retriable _) when retries < MAX_RETRIES -> {
        retries++;
        ask(askLog, askCold, next);
      }
      case ReadResult.Failed(Fault.Refused refused) ->
          receiver.accept(new Failed(refused.refusal()));
      case ReadResult.Failed _, ReadResult.Cold _ ->
          receiver.accept(new Failed(Refusal.KAFKA_STORAGE_ERROR));
    }
  }

  private void continueWith(
      PartitionSnapshot at, RecordBytes bytes, Consumer<@Nullable Found> next) {
    Found found;
    try (bytes) {
      found = bytes.sizeBytes() == 0 ? null : new Found(at, copy(bytes));
    } catch (IOException unreadable) {
      receiver.accept(new Failed(Refusal.KAFKA_STORAGE_ERROR));
      return;
    }
    next.accept(found);
  }

  private static MemoryRecords copy(RecordBytes bytes) throws IOException {
    var copy = ByteBuffer.allocate(bytes.sizeBytes());
    for (var part : bytes.parts()) {
      switch (part) {
        case RecordBytes.MemoryPart(var buffer) -> copy.put(buffer.duplicate());
        case RecordBytes.FilePart(var channel, var position, var sizeBytes) -> {
          var target = copy.slice(copy.position(), sizeBytes);
          while (target.hasRemaining()) {
            if (channel.read(target, position + target.position()) < 0) {
              throw new IOException("a file of records is shorter than it was");
            }
          }
          copy.position(copy.position() + sizeBytes);
        }
      }
    }
    return MemoryRecords.readableRecords(copy.flip());
  }

  @FunctionalInterface
  private interface ColdQuestion {
    void ask(PartitionSnapshot at, List<ColdReference> references, ReadCompletion completion);
  }

  /** At least one batch. */
  private record Found(PartitionSnapshot at, MemoryRecords records) {

    private MutableRecordBatch header() {
      return records.batches().iterator().next();
    }

    private long endOffset() {
      long end = at.logStartOffset();
      for (var batch : records.batches()) {
        end = batch.nextOffset();
      }
      return end;
    }
  }

  sealed interface Outcome {}

  record Record(long offset, long timestampMs, int leaderEpoch) implements Outcome {}

  record Nothing() implements Outcome {}

  record Failed(Refusal refusal) implements Outcome {}

  private static final Nothing NOTHING = new Nothing();
}
