package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.wire.ClientRequest;
import java.util.List;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeProducersRequest;

/** DescribeProducers; a partition named often is told once. */
final class ProducersShape implements TopicPieces.Shape<Integer, PartitionResponse> {

  @Override
  public List<TopicGroup<Integer>> asked(ClientRequest request) {
    return ((DescribeProducersRequest) request.body())
        .data().topics().stream()
            .map(
                topic ->
                    new TopicGroup<>(
                        topic.name(), topic.partitionIndexes().stream().distinct().toList()))
            .toList();
  }

  @Override
  public int index(Integer asked) {
    return asked;
  }

  @Override
  public ApiMessage part(ClientRequest whole, List<TopicGroup<Integer>> asked, int timeLeftMs) {
    var part = new DescribeProducersRequestData();
    for (var group : asked) {
      part.topics()
          .add(new TopicRequest().setName(group.topic()).setPartitionIndexes(group.partitions()));
    }
    return part;
  }

  @Override
  public List<TopicGroup<PartitionResponse>> answered(ApiMessage answer) {
    return ((DescribeProducersResponseData) answer)
        .topics().stream()
            .map(topic -> new TopicGroup<>(topic.name(), topic.partitions()))
            .toList();
  }

  @Override
  public int answeredIndex(PartitionResponse answer) {
    return answer.partitionIndex();
  }

  @Override
  public short error(PartitionResponse answer) {
    return answer.errorCode();
  }

  @Override
  public PartitionResponse refused(int index, Errors error) {
    return new PartitionResponse()
        .setPartitionIndex(index)
        .setErrorCode(error.code())
        .setErrorMessage(error.message());
  }

  @Override
  public ApiMessage response(List<TopicGroup<PartitionResponse>> answers) {
    return new DescribeProducersResponseData()
        .setTopics(
            answers.stream()
                .map(
                    group ->
                        new TopicResponse()
                            .setName(group.topic())
                            .setPartitions(group.partitions()))
                .toList());
  }
}
