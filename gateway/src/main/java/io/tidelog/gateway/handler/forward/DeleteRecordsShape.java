package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.wire.ClientRequest;
import java.util.List;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteRecordsRequest;

/** DeleteRecords; to delete twice is to delete once. */
final class DeleteRecordsShape
    implements TopicPieces.Shape<DeleteRecordsPartition, DeleteRecordsPartitionResult> {

  private static final long UNKNOWN_OFFSET = -1;

  @Override
  public List<TopicGroup<DeleteRecordsPartition>> asked(ClientRequest request) {
    return data(request).topics().stream()
        .map(topic -> new TopicGroup<>(topic.name(), topic.partitions()))
        .toList();
  }

  @Override
  public int index(DeleteRecordsPartition asked) {
    return asked.partitionIndex();
  }

  @Override
  public ApiMessage part(
      ClientRequest whole, List<TopicGroup<DeleteRecordsPartition>> asked, int timeLeftMs) {
    return new DeleteRecordsRequestData()
        .setTimeoutMs(data(whole).timeoutMs())
        .setTopics(
            asked.stream()
                .map(
                    group ->
                        new DeleteRecordsTopic()
                            .setName(group.topic())
                            .setPartitions(group.partitions()))
                .toList());
  }

  @Override
  public List<TopicGroup<DeleteRecordsPartitionResult>> answered(ApiMessage answer) {
    return ((DeleteRecordsResponseData) answer)
        .topics().stream()
            .map(topic -> new TopicGroup<>(topic.name(), List.copyOf(topic.partitions())))
            .toList();
  }

  @Override
  public int answeredIndex(DeleteRecordsPartitionResult answer) {
    return answer.partitionIndex();
  }

  @Override
  public short error(DeleteRecordsPartitionResult answer) {
    return answer.errorCode();
  }

  @Override
  public DeleteRecordsPartitionResult refused(int index, Errors error) {
    return new DeleteRecordsPartitionResult()
        .setPartitionIndex(index)
        .setErrorCode(error.code())
        .setLowWatermark(UNKNOWN_OFFSET);
  }

  @Override
  public ApiMessage response(List<TopicGroup<DeleteRecordsPartitionResult>> answers) {
    var response = new DeleteRecordsResponseData();
    for (var group : answers) {
      var topic = new DeleteRecordsTopicResult().setName(group.topic());
      // Those of another message belong to its collection.
      group.partitions().forEach(partition -> topic.partitions().add(partition.duplicate()));
      response.topics().add(topic);
    }
    return response;
  }

  private static DeleteRecordsRequestData data(ClientRequest request) {
    return ((DeleteRecordsRequest) request.body()).data();
  }
}
