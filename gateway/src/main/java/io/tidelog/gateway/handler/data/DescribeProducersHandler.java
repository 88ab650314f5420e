package io.tidelog.gateway.handler.data;

import io.tidelog.core.Clock;
import io.tidelog.core.log.PartitionAdmin;
import io.tidelog.core.log.PartitionAdmin.ProducerEntry;
import io.tidelog.gateway.fetch.FetchKey;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import java.util.HashSet;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeProducersRequest;

/** DescribeProducers: the idempotent producers a partition remembers (KIP-664). */
public final class DescribeProducersHandler implements RequestHandler {

  /** The protocol has no time-out of its own for it. */
  private static final int TIMEOUT_MS = 30_000;

  private static final int NO_COORDINATOR_EPOCH = -1;
  private static final long NO_OFFSET = -1;

  private final PartitionDirectory directory;
  private final PartitionAdmin host;
  private final Clock clock;

  public DescribeProducersHandler(PartitionDirectory directory, PartitionAdmin host, Clock clock) {
    this.directory = directory;
    this.host = host;
    this.clock = clock;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.DESCRIBE_PRODUCERS;
  }

  @Override
  public void handle(ClientRequest request) {
    var wanted = ((DescribeProducersRequest) request.body()).data();
    var response = new DescribeProducersResponseData();
    var pending = new PendingAnswer<PartitionResponse>(request, clock, () -> response);
    var told = new HashSet<FetchKey>();
    for (var topic : wanted.topics()) {
      var answers = new TopicResponse().setName(topic.name());
      response.topics().add(answers);
      for (int index : topic.partitionIndexes()) {
        var key = FetchKey.of(topic.name(), index);
        if (!told.add(key)) {
          continue; // a partition of many producers told often would make an answer without measure
        }
        var answer = new PartitionResponse().setPartitionIndex(index);
        answers.partitions().add(answer);
        describe(key, answer, pending);
      }
    }
    pending.start(TIMEOUT_MS, late -> late.setErrorCode(Errors.REQUEST_TIMED_OUT.code()));
  }

  private void describe(
      FetchKey key, PartitionResponse answer, PendingAnswer<PartitionResponse> pending) {
    var partition = directory.find(key);
    if (partition == null) {
      answer
          .setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code())
          .setErrorMessage(
              KafkaErrors.shortened("no partition " + key.partition() + " of " + key.topic()));
      return;
    }
    pending.await(
        answer,
        host.producers(partition),
        (producers, fault) -> {
          if (producers != null) {
            answer.setActiveProducers(
                producers.stream().map(DescribeProducersHandler::state).toList());
          } else if (fault != null) {
            answer
                .setErrorCode(PartitionErrors.of(fault).code())
                .setErrorMessage(KafkaErrors.message(fault));
          }
        });
  }

  private static ProducerState state(ProducerEntry producer) {
    return new ProducerState()
        .setProducerId(producer.producerId())
        .setProducerEpoch(producer.producerEpoch())
        .setLastSequence(producer.lastSequence())
        .setLastTimestamp(producer.lastTimestampMs())
        .setCoordinatorEpoch(NO_COORDINATOR_EPOCH)
        .setCurrentTxnStartOffset(NO_OFFSET);
  }
}
