package io.tidelog.gateway.handler.forward;

import io.tidelog.core.PartitionId;
import io.tidelog.gateway.handler.data.ColdOffsets;
import io.tidelog.gateway.wire.ClientRequest;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;

/** ListOffsets; what the leader has only in the cold tier is searched here. */
final class ListOffsetsShape
    implements TopicPieces.Shape<ListOffsetsPartition, ListOffsetsPartitionResponse> {

  private static final long UNKNOWN = -1;

  private final ColdOffsets cold;

  ListOffsetsShape(ColdOffsets cold) {
    this.cold = cold;
  }

  @Override
  public boolean isUnfinished(ListOffsetsPartitionResponse answer) {
    return ColdOffsets.isReference(answer);
  }

  @Override
  public void finish(
      PartitionId id,
      ListOffsetsPartition asked,
      ListOffsetsPartitionResponse answer,
      Consumer<ListOffsetsPartitionResponse> done) {
    cold.search(id, asked, answer, done);
  }

  @Override
  public List<TopicGroup<ListOffsetsPartition>> asked(ClientRequest request) {
    return data(request).topics().stream()
        .map(topic -> new TopicGroup<>(topic.name(), topic.partitions()))
        .toList();
  }

  @Override
  public int index(ListOffsetsPartition asked) {
    return asked.partitionIndex();
  }

  @Override
  public ApiMessage part(
      ClientRequest whole, List<TopicGroup<ListOffsetsPartition>> asked, int timeLeftMs) {
    var data = data(whole);
    if (whole.version() >= ColdOffsets.SINCE) {
      for (var group : asked) {
        group.partitions().stream()
            .filter(partition -> partition.timestamp() >= 0)
            .forEach(ColdOffsets::askForReferences);
      }
    }
    return new ListOffsetsRequestData()
        .setReplicaId(data.replicaId())
        .setIsolationLevel(data.isolationLevel())
        .setTimeoutMs(data.timeoutMs())
        .setTopics(
            asked.stream()
                .map(
                    group ->
                        new ListOffsetsTopic()
                            .setName(group.topic())
                            .setPartitions(group.partitions()))
                .toList());
  }

  @Override
  public List<TopicGroup<ListOffsetsPartitionResponse>> answered(ApiMessage answer) {
    return ((ListOffsetsResponseData) answer)
        .topics().stream()
            .map(topic -> new TopicGroup<>(topic.name(), topic.partitions()))
            .toList();
  }

  @Override
  public int answeredIndex(ListOffsetsPartitionResponse answer) {
    return answer.partitionIndex();
  }

  @Override
  public short error(ListOffsetsPartitionResponse answer) {
    return answer.errorCode();
  }

  @Override
  public ListOffsetsPartitionResponse refused(int index, Errors error) {
    return new ListOffsetsPartitionResponse()
        .setPartitionIndex(index)
        .setErrorCode(error.code())
        .setOffset(UNKNOWN)
        .setTimestamp(UNKNOWN);
  }

  @Override
  public ApiMessage response(List<TopicGroup<ListOffsetsPartitionResponse>> answers) {
    return new ListOffsetsResponseData()
        .setTopics(
            answers.stream()
                .map(
                    group ->
                        new ListOffsetsTopicResponse()
                            .setName(group.topic())
                            .setPartitions(group.partitions()))
                .toList());
  }

  private static ListOffsetsRequestData data(ClientRequest request) {
    return ((ListOffsetsRequest) request.body()).data();
  }
}
