package io.tidelog.hot.replica;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.format.ImportedHistory;
import io.tidelog.hot.format.ImportedState;
import io.tidelog.hot.move.MoveStanding;
import io.tidelog.hot.move.SourceAnswer;
import io.tidelog.hot.move.TargetDecision;
import io.tidelog.hot.runtime.MoveDesk;
import io.tidelog.hot.view.PartitionView;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what the leaders of other logs ask of partitions that move there: nothing that is not
 * committed, and nothing at all when the partition is not here. Belongs to the log's lane.
 */
final class MoveAnswering {

  private static final Logger LOG = LoggerFactory.getLogger(MoveAnswering.class);

  /** Well below what a message may carry. */
  private static final int PART_BYTES = 256 << 10;

  private final MoveDriver.Parts parts;
  private final MoveDesk desk;

  MoveAnswering(MoveDriver.Parts parts) {
    this.parts = parts;
    this.desk = parts.driver().moves();
  }

  void answer(int to, ReplicaMessage.MoveAsk ask) {
    var resident = asked(ask);
    if (resident == null) {
      return;
    }
    if (ask.fromOffset() == TargetDecision.BEGIN) {
      var history = desk.history(resident);
      long from = history.fromOffset();
      var told = told(ask, resident, new OffsetRange(from, from));
      send(to, ask, new Content(told, history, null, RecordBytes.EMPTY));
    } else if (ask.fromOffset() < desk.firstLocalBatch(resident)) {
      sendGone(to, ask);
    } else if (ask.fromOffset() <= resident.nextOffset()) {
      int ref = resident.ref();
      desk.read(
          resident,
          ask.fromOffset(),
          Math.clamp(ask.maxBytes(), 1, desk.frameBytes()),
          result -> parts.lane().execute(() -> onRead(to, ask, ref, result)));
    }
  }

  /** The partition when it is here, open or closed for this move. */
  private @Nullable PartitionView asked(ReplicaMessage.MoveAsk ask) {
    var resident = desk.resident(ask.partition());
    boolean isOther =
        resident != null
            && resident.standing() instanceof MoveStanding.Closed closed
            && closed.epoch() != ask.moveEpoch();
    return isOther ? null : resident;
  }

  private SourceAnswer told(
      ReplicaMessage.MoveAsk ask, PartitionView resident, OffsetRange offsets) {
    long end =
        resident.standing() instanceof MoveStanding.Closed closed
            ? closed.endOffset()
            : SourceAnswer.OPEN;
    return new SourceAnswer(
        ask.request(), ask.moveEpoch(), false, offsets, resident.bytesBehind(offsets.end()), end);
  }

  private void sendGone(int to, ReplicaMessage.MoveAsk ask) {
    var nothing = new OffsetRange(0, 0);
    var told =
        new SourceAnswer(
            ask.request(), ask.moveEpoch(), true, nothing, Long.MAX_VALUE, SourceAnswer.OPEN);
    send(to, ask, new Content(told, null, null, RecordBytes.EMPTY));
  }

  private void onRead(int to, ReplicaMessage.MoveAsk ask, int ref, ReadResult result) {
    switch (result) {
      case ReadResult.Records records -> {
        try (var bytes = records.bytes()) {
          onRecords(to, ask, ref, bytes);
        }
      }
      case ReadResult.Cold cold -> sendGone(to, ask);
      case ReadResult.Failed failed ->
          LOG.warn(
              "records of a partition that moves cannot be read, partition={} offset={}",
              ask.partition(),
              ask.fromOffset(),
              failed.fault());
      case ReadResult.OutOfRange outOfRange -> {}
      case ReadResult.UnknownPartition unknown -> {}
    }
  }

  private void onRecords(int to, ReplicaMessage.MoveAsk ask, int ref, RecordBytes bytes) {
    var resident = asked(ask);
    if (resident == null || resident.ref() != ref) {
      return;
    }
    long end = endOf(bytes, ask.fromOffset());
    var told = told(ask, resident, new OffsetRange(ask.fromOffset(), end));
    var state = told.endOffset() == end ? desk.state(resident) : null;
    send(to, ask, new Content(told, null, state, bytes));
  }

  private static long endOf(RecordBytes bytes, long fromOffset) {
    long end = fromOffset;
    for (var part : bytes.parts()) {
      var batches = part.bytes();
      int at = batches.position();
      while (at < batches.limit()) {
        var batch = BatchHeader.read(batches, at);
        end = batch.endOffset();
        at += batch.sizeBytes();
      }
    }
    return end;
  }

  /** What an answer is made of. */
  private record Content(
      SourceAnswer told,
      @Nullable ImportedHistory history,
      @Nullable ImportedState state,
      RecordBytes records) {

    ByteBuffer encoded() {
      return MoveAnswer.encode(told, history, state, records);
    }
  }

  private void send(int to, ReplicaMessage.MoveAsk ask, Content content) {
    try {
      send(to, ask, content.encoded());
    } catch (IllegalArgumentException e) {
      LOG.error("partition is too large to be moved, partition={}", ask.partition(), e);
    }
  }

  private void send(int to, ReplicaMessage.MoveAsk ask, ByteBuffer answer) {
    int size = answer.remaining();
    long term = parts.driver().term();
    for (int at = 0; at < size; at += PART_BYTES) {
      var bytes = answer.slice(at, Math.min(PART_BYTES, size - at));
      parts
          .transport()
          .send(
              ask.target(),
              to,
              new ReplicaMessage.MovePart(term, ask.request(), ask.partition(), at, size, bytes));
    }
  }
}
