package io.tidelog.gateway.handler.data;

import io.tidelog.core.Clock;
import io.tidelog.core.log.PartitionAdmin;
import io.tidelog.gateway.fetch.FetchKey;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.TopicImage;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteRecordsRequest;

/** DeleteRecords: moves log starts up, never past what consumers may see. */
public final class DeleteRecordsHandler implements RequestHandler {

  private static final long UP_TO_THE_END = -1;
  private static final long UNKNOWN_OFFSET = -1;

  private final PartitionDirectory directory;
  private final PartitionAdmin host;
  private final Clock clock;

  public DeleteRecordsHandler(PartitionDirectory directory, PartitionAdmin host, Clock clock) {
    this.directory = directory;
    this.host = host;
    this.clock = clock;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.DELETE_RECORDS;
  }

  @Override
  public void handle(ClientRequest request) {
    var wanted = ((DeleteRecordsRequest) request.body()).data();
    var response = new DeleteRecordsResponseData();
    var pending = new PendingAnswer<DeleteRecordsPartitionResult>(request, clock, () -> response);
    for (var topic : wanted.topics()) {
      var answers = new DeleteRecordsTopicResult().setName(topic.name());
      response.topics().add(answers);
      for (var partition : topic.partitions()) {
        var answer =
            new DeleteRecordsPartitionResult()
                .setPartitionIndex(partition.partitionIndex())
                .setLowWatermark(UNKNOWN_OFFSET);
        answers.partitions().add(answer);
        delete(FetchKey.of(topic.name(), partition.partitionIndex()), partition, answer, pending);
      }
    }
    pending.start(wanted.timeoutMs(), late -> late.setErrorCode(Errors.REQUEST_TIMED_OUT.code()));
  }

  private void delete(
      FetchKey key,
      DeleteRecordsPartition wanted,
      DeleteRecordsPartitionResult answer,
      PendingAnswer<DeleteRecordsPartitionResult> pending) {
    var topic = directory.topic(key);
    var partition = directory.find(key);
    if (topic == null || partition == null) {
      answer.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
      return;
    }
    var error = refuse(topic, wanted.offset());
    if (error != Errors.NONE) {
      answer.setErrorCode(error.code());
      return;
    }
    pending.await(
        answer,
        host.deleteBefore(partition, wanted.offset()),
        (logStart, fault) -> {
          if (logStart != null) {
            answer.setLowWatermark(logStart);
          } else if (fault != null) {
            answer.setErrorCode(PartitionErrors.of(fault).code());
          }
        });
  }

  private static Errors refuse(TopicImage topic, long offset) {
    if (Topic.isInternal(topic.name())) {
      return Errors.INVALID_TOPIC_EXCEPTION;
    }
    var config = topic.effective().partition();
    if (config.compacted() && !config.deleted()) {
      return Errors.POLICY_VIOLATION;
    }
    return offset < UP_TO_THE_END ? Errors.OFFSET_OUT_OF_RANGE : Errors.NONE;
  }
}
