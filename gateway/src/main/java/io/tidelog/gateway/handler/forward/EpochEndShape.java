package io.tidelog.gateway.handler.forward;

import io.tidelog.core.log.EpochEnd;
import io.tidelog.gateway.wire.ClientRequest;
import java.util.List;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;

/** OffsetForLeaderEpoch. */
final class EpochEndShape implements TopicPieces.Shape<OffsetForLeaderPartition, EpochEndOffset> {

  @Override
  public List<TopicGroup<OffsetForLeaderPartition>> asked(ClientRequest request) {
    return data(request).topics().stream()
        .map(topic -> new TopicGroup<>(topic.topic(), topic.partitions()))
        .toList();
  }

  @Override
  public int index(OffsetForLeaderPartition asked) {
    return asked.partition();
  }

  @Override
  public ApiMessage part(
      ClientRequest whole, List<TopicGroup<OffsetForLeaderPartition>> asked, int timeLeftMs) {
    var topics = new OffsetForLeaderTopicCollection();
    for (var group : asked) {
      topics.add(
          new OffsetForLeaderTopic().setTopic(group.topic()).setPartitions(group.partitions()));
    }
    return new OffsetForLeaderEpochRequestData()
        .setReplicaId(data(whole).replicaId())
        .setTopics(topics);
  }

  @Override
  public List<TopicGroup<EpochEndOffset>> answered(ApiMessage answer) {
    return ((OffsetForLeaderEpochResponseData) answer)
        .topics().stream()
            .map(topic -> new TopicGroup<>(topic.topic(), topic.partitions()))
            .toList();
  }

  @Override
  public int answeredIndex(EpochEndOffset answer) {
    return answer.partition();
  }

  @Override
  public short error(EpochEndOffset answer) {
    return answer.errorCode();
  }

  @Override
  public EpochEndOffset refused(int index, Errors error) {
    return new EpochEndOffset()
        .setPartition(index)
        .setErrorCode(error.code())
        .setLeaderEpoch(EpochEnd.NONE.leaderEpoch())
        .setEndOffset(EpochEnd.NONE.endOffset());
  }

  @Override
  public ApiMessage response(List<TopicGroup<EpochEndOffset>> answers) {
    var response = new OffsetForLeaderEpochResponseData();
    for (var group : answers) {
      response
          .topics()
          .add(
              new OffsetForLeaderTopicResult()
                  .setTopic(group.topic())
                  .setPartitions(group.partitions()));
    }
    return response;
  }

  private static OffsetForLeaderEpochRequestData data(ClientRequest request) {
    return ((OffsetsForLeaderEpochRequest) request.body()).data();
  }
}
