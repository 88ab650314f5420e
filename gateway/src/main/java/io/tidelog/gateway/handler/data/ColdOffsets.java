package io.tidelog.gateway.handler.data;

import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.gateway.forward.ColdReferenceCodec;
import io.tidelog.gateway.wire.KafkaErrors;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.jspecify.annotations.Nullable;

/**
 * The part of ListOffsets that a gateway does for a leader: looks for a timestamp in the cold tier,
 * where the leader says, and asks it again for what comes behind. Safe to call from any thread.
 */
public final class ColdOffsets {

  /** The first version of ListOffsets with tagged fields; before it a leader searches itself. */
  public static final short SINCE = 6;

  /** Of the tagged field with the offset from which a leader is to search. */
  static final int FROM_TAG = 10_002;

  private final ColdReader cold;
  private final ValidationLanes searches;

  public ColdOffsets(ColdReader cold, ValidationLanes searches) {
    this.cold = cold;
    this.searches = searches;
  }

  /** Whether a leader told where to search. */
  public static boolean isReference(ListOffsetsPartitionResponse told) {
    return told.errorCode() == Errors.OFFSET_MOVED_TO_TIERED_STORAGE.code();
  }

  /**
   * Searches where the leader says.
   *
   * @param asked remembers from where the leader is to search when it is asked again
   * @param receiver told once, on another thread: the answer, with {@code NOT_LEADER_OR_FOLLOWER}
   *     when the leader is to be asked again
   */
  public void search(
      PartitionId id,
      ListOffsetsPartition asked,
      ListOffsetsPartitionResponse told,
      Consumer<ListOffsetsPartitionResponse> receiver) {
    var where = references(id, told);
    var answer =
        new ListOffsetsPartitionResponse()
            .setPartitionIndex(id.partition())
            .setOffset(EpochEnd.NONE.endOffset())
            .setTimestamp(-1);
    if (where == null) {
      receiver.accept(answer.setErrorCode(Errors.KAFKA_STORAGE_ERROR.code()));
      return;
    }
    long end = where.references().getLast().offsets().end();
    new TimestampSearch(
            searches.lane(id),
            new ToldReferences(where, end),
            cold,
            id,
            outcome -> {
              if (outcome.equals(new TimestampSearch.Failed(Refusal.NOT_LEADER_OR_FOLLOWER))) {
                searchOn(asked, end);
              }
              fill(answer, outcome);
              receiver.accept(answer);
            })
        .findFirst(asked.timestamp(), fromOffset(asked));
  }

  /** Asks a leader to tell where to search, unless it is asked already. */
  public static void askForReferences(ListOffsetsPartition asked) {
    if (!wantsReferences(asked)) {
      searchOn(asked, 0);
    }
  }

  /** Whether who asks can search the cold tier itself. */
  static boolean wantsReferences(ListOffsetsPartition asked) {
    return asked.unknownTaggedFields().stream().anyMatch(ColdOffsets::isFrom);
  }

  /** Where a leader is asked to begin, 0 when nobody says. */
  static long fromOffset(ListOffsetsPartition asked) {
    for (var field : asked.unknownTaggedFields()) {
      if (isFrom(field)) {
        return ByteBuffer.wrap(field.data()).getLong();
      }
    }
    return 0;
  }

  private static boolean isFrom(RawTaggedField field) {
    return field.tag() == FROM_TAG && field.size() == Long.BYTES;
  }

  /** Tells a gateway where to search. */
  static void refer(
      ListOffsetsPartitionResponse told, PartitionSnapshot at, List<ColdReference> references) {
    told.setErrorCode(Errors.OFFSET_MOVED_TO_TIERED_STORAGE.code())
        .unknownTaggedFields()
        .add(new RawTaggedField(ColdReferenceCodec.TAG, ColdReferenceCodec.encode(at, references)));
  }

  private static ReadResult.@Nullable Cold references(
      PartitionId id, ListOffsetsPartitionResponse told) {
    for (var field : told.unknownTaggedFields()) {
      if (field.tag() == ColdReferenceCodec.TAG) {
        return ColdReferenceCodec.decode(id, field.data());
      }
    }
    return null;
  }

  private static void searchOn(ListOffsetsPartition asked, long offset) {
    asked.unknownTaggedFields().removeIf(field -> field.tag() == FROM_TAG);
    asked
        .unknownTaggedFields()
        .add(
            new RawTaggedField(
                FROM_TAG, ByteBuffer.allocate(Long.BYTES).putLong(0, offset).array()));
  }

  private static void fill(ListOffsetsPartitionResponse answer, TimestampSearch.Outcome outcome) {
    switch (outcome) {
      case TimestampSearch.Record(long offset, long timestampMs, int leaderEpoch) ->
          answer.setOffset(offset).setTimestamp(timestampMs).setLeaderEpoch(leaderEpoch);
      case TimestampSearch.Nothing() -> {}
      case TimestampSearch.Failed(var refusal) ->
          answer.setErrorCode(KafkaErrors.of(refusal).code());
      case TimestampSearch.InCold _ ->
          throw new IllegalStateException("a search in the cold tier ended in the cold tier");
    }
  }

  /** Knows the references that a leader told, and of what lies behind them nothing. */
  private record ToldReferences(ReadResult.Cold told, long endOffset) implements LogReader {

    @Override
    public @Nullable PartitionSnapshot snapshot(PartitionId partition) {
      return told.at();
    }

    @Override
    public void read(ReadRequest request, ReadCompletion completion) {
      completion.onCompleted(new ReadResult.UnknownPartition());
    }

    @Override
    public void findByTime(TimeRequest request, ReadCompletion completion) {
      completion.onCompleted(
          request.fromOffset() < endOffset ? told : new ReadResult.UnknownPartition());
    }

    @Override
    public EpochEnd endOfEpoch(PartitionId partition, int leaderEpoch) {
      return EpochEnd.NONE;
    }

    @Override
    public void onAdvance(AdvanceListener listener) {
      throw new UnsupportedOperationException("nothing advances here");
    }
  }
}
