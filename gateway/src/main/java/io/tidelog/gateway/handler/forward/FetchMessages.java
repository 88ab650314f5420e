package io.tidelog.gateway.handler.forward;

import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.gateway.fetch.FetchKey;
import io.tidelog.gateway.fetch.FetchLimits;
import io.tidelog.gateway.fetch.PartitionAnswer;
import io.tidelog.gateway.fetch.PartitionFetch;
import io.tidelog.gateway.forward.ColdReferenceCodec;
import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.gateway.wire.PipeAnswer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchMetadata;
import org.jspecify.annotations.Nullable;

/** Fetches as gateways and nodes exchange them: by topic id, without sessions. Pure. */
final class FetchMessages {

  /** The same whatever version the client speaks, since it names ids and has tagged fields. */
  static final short VERSION = 17;

  private FetchMessages() {}

  static FetchRequestData request(List<PartitionFetch> asks, FetchLimits limits, byte isolation) {
    var request =
        new FetchRequestData()
            .setMinBytes(limits.minBytes())
            .setMaxBytes(limits.maxBytes())
            .setMaxWaitMs(limits.maxWaitMs())
            .setIsolationLevel(isolation)
            .setSessionId(FetchMetadata.INVALID_SESSION_ID)
            .setSessionEpoch(FetchMetadata.FINAL_EPOCH);
    UUID last = null;
    FetchTopic topic = null;
    for (var ask : asks) {
      var key = ask.key();
      if (topic == null || !key.topicId().equals(last)) {
        last = key.topicId();
        topic = new FetchTopic().setTopicId(KafkaIds.kafka(last));
        request.topics().add(topic);
      }
      topic
          .partitions()
          .add(
              new FetchPartition()
                  .setPartition(key.partition())
                  .setFetchOffset(ask.fetchOffset())
                  .setPartitionMaxBytes(ask.maxBytes())
                  .setCurrentLeaderEpoch(ask.currentLeaderEpoch())
                  .setLastFetchedEpoch(ask.lastFetchedEpoch()));
    }
    return request;
  }

  /**
   * What a node answered; records in it keep the memory they lie in.
   *
   * @throws IllegalStateException when the fetch was refused as a whole
   */
  static List<PartitionAnswer> answers(PipeAnswer answer) {
    var response = (FetchResponseData) answer.message();
    if (response.errorCode() != Errors.NONE.code()) {
      throw new IllegalStateException(
          "a node refused a fetch: " + Errors.forCode(response.errorCode()));
    }
    var answers = new ArrayList<PartitionAnswer>();
    for (var topic : response.responses()) {
      var topicId = KafkaIds.ours(topic.topicId());
      for (var partition : topic.partitions()) {
        answers.add(
            answer(new PartitionId(topicId, partition.partitionIndex()), partition, answer));
      }
    }
    return answers;
  }

  private static PartitionAnswer answer(PartitionId id, PartitionData told, PipeAnswer from) {
    var key = FetchKey.of(id.topicId(), id.partition());
    var error = Errors.forCode(told.errorCode());
    if (error == Errors.OFFSET_MOVED_TO_TIERED_STORAGE) {
      for (var field : told.unknownTaggedFields()) {
        var cold =
            field.tag() == ColdReferenceCodec.TAG
                ? ColdReferenceCodec.decode(id, field.data())
                : null;
        if (cold != null) {
          return PartitionAnswer.cold(key, cold.at(), cold.references());
        }
      }
      return PartitionAnswer.refused(key, Refusal.KAFKA_STORAGE_ERROR);
    }
    if (error != Errors.NONE) {
      return PartitionAnswer.refused(key, refusal(error));
    }
    var at = ends(id, told);
    var diverging = told.divergingEpoch();
    if (diverging.endOffset() >= 0) {
      return PartitionAnswer.diverging(
          key, at, new EpochEnd(diverging.epoch(), diverging.endOffset()));
    }
    var records = bytes(told);
    return records == null
        ? PartitionAnswer.empty(key, at)
        : PartitionAnswer.records(key, at, new FrameRecords(records, from.keepMemory()));
  }

  private static PartitionSnapshot ends(PartitionId id, PartitionData told) {
    return ColdReferenceCodec.ends(
        id, told.logStartOffset(), told.lastStableOffset(), told.highWatermark());
  }

  private static @Nullable ByteBuffer bytes(PartitionData told) {
    return told.records() instanceof MemoryRecords records && records.sizeInBytes() > 0
        ? records.buffer()
        : null;
  }

  /** By name; an error this gateway does not know is the node's own. */
  private static Refusal refusal(Errors error) {
    for (var refusal : Refusal.values()) {
      if (refusal.name().equals(error.name())) {
        return refusal;
      }
    }
    return Refusal.UNKNOWN_SERVER_ERROR;
  }

  /** Batches in a received frame, which is kept until they are sent. */
  private static final class FrameRecords implements RecordBytes {

    private final ByteBuffer bytes;
    private final Runnable giveBack;
    private boolean closed;

    private FrameRecords(ByteBuffer bytes, Runnable giveBack) {
      this.bytes = bytes;
      this.giveBack = giveBack;
    }

    @Override
    public int sizeBytes() {
      return bytes.remaining();
    }

    @Override
    public List<Part> parts() {
      return List.of(new MemoryPart(bytes.duplicate()));
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        giveBack.run();
      }
    }
  }
}
