package io.tidelog.gateway.handler.data;

import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.fetch.FetchKey;
import io.tidelog.gateway.fetch.PartitionAnswer;
import io.tidelog.gateway.fetch.SessionAnswer;
import io.tidelog.gateway.forward.ColdReferenceCodec;
import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RecordPayload;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.FetchResponseData.NodeEndpoint;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/** Tells what a fetch found in the protocol's words. */
final class FetchResponses {

  private static final int LEADER_HINTS_SINCE = 16;

  private final PartitionLeaders leaders;

  FetchResponses(PartitionLeaders leaders) {
    this.leaders = leaders;
  }

  /** Takes the bytes in {@code told}; the response carries them. */
  FetchResponseData of(
      SessionAnswer told, FetchRequestData wanted, ClientRequest request, int throttleMs) {
    var response =
        new FetchResponseData()
            .setThrottleTimeMs(throttleMs)
            .setSessionId(told.sessionId())
            .setErrorCode(
                told.error() == null
                    ? Errors.NONE.code()
                    : Errors.valueOf(told.error().name()).code());
    boolean readCommitted = wanted.isolationLevel() == IsolationLevel.READ_COMMITTED.id();
    var topics = new ArrayList<FetchableTopicResponse>();
    FetchableTopicResponse last = null;
    for (var answer : told.partitions()) {
      var key = answer.key();
      if (last == null || !isOf(last, key)) {
        last =
            new FetchableTopicResponse()
                .setTopic(key.topic())
                .setTopicId(KafkaIds.kafka(key.topicId()))
                .setPartitions(new ArrayList<>());
        topics.add(last);
      }
      var partition = partition(answer, readCommitted);
      if (request.version() >= LEADER_HINTS_SINCE) {
        hintLeader(request, answer, partition, response);
      }
      last.partitions().add(partition);
    }
    return response.setResponses(topics);
  }

  private static boolean isOf(FetchableTopicResponse topic, FetchKey key) {
    return key.isById()
        ? topic.topicId().equals(KafkaIds.kafka(key.topicId()))
        : topic.topic().equals(key.topic());
  }

  private static PartitionData partition(PartitionAnswer answer, boolean readCommitted) {
    var partition =
        new PartitionData()
            .setPartitionIndex(answer.key().partition())
            .setErrorCode(error(answer.error()).code())
            .setHighWatermark(answer.highWatermark())
            .setLastStableOffset(answer.lastStableOffset())
            .setLogStartOffset(answer.logStartOffset())
            .setAbortedTransactions(readCommitted && answer.error() == null ? List.of() : null);
    var at = answer.at();
    if (!answer.cold().isEmpty() && at != null) {
      partition.setErrorCode(Errors.OFFSET_MOVED_TO_TIERED_STORAGE.code());
      partition
          .unknownTaggedFields()
          .add(
              new RawTaggedField(
                  ColdReferenceCodec.TAG, ColdReferenceCodec.encode(at, answer.cold())));
    }
    if (answer.isDiverging()) {
      partition.setDivergingEpoch(
          new EpochEndOffset()
              .setEpoch(answer.diverging().leaderEpoch())
              .setEndOffset(answer.diverging().endOffset()));
    }
    if (answer.bytes().sizeBytes() == 0) {
      answer.bytes().close();
      return partition.setRecords(MemoryRecords.EMPTY);
    }
    return partition.setRecords(new RecordPayload(answer.bytes()));
  }

  private static Errors error(@Nullable Refusal refusal) {
    return refusal == null ? Errors.NONE : KafkaErrors.of(refusal);
  }

  private void hintLeader(
      ClientRequest request,
      PartitionAnswer answer,
      PartitionData partition,
      FetchResponseData response) {
    if (answer.error() != Refusal.NOT_LEADER_OR_FOLLOWER
        && answer.error() != Refusal.FENCED_LEADER_EPOCH) {
      return;
    }
    var leader =
        leaders.leaderOf(
            new PartitionId(answer.key().topicId(), answer.key().partition()), request);
    if (leader == null) {
      return;
    }
    var node = leader.node();
    partition.setCurrentLeader(
        new LeaderIdAndEpoch().setLeaderId(node.id()).setLeaderEpoch(leader.epoch()));
    if (response.nodeEndpoints().find(node.id()) == null) {
      response
          .nodeEndpoints()
          .add(
              new NodeEndpoint()
                  .setNodeId(node.id())
                  .setHost(node.host())
                  .setPort(node.port())
                  .setRack(node.rack()));
    }
  }
}
