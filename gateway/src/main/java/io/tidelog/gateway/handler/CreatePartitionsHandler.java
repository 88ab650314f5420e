package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.MorePartitions;
import io.tidelog.metadata.api.TopicAdmin;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.jspecify.annotations.Nullable;

/** Grows topics. */
public final class CreatePartitionsHandler implements RequestHandler {

  private static final Fault DUPLICATE =
      new Fault.Refused(Refusal.INVALID_REQUEST, "Duplicate topic name.");

  /** The partition of a group follows from their number. */
  private static final Fault INTERNAL =
      new Fault.Refused(
          Refusal.INVALID_PARTITIONS,
          "The number of partitions of an internal topic cannot be changed.");

  private final TopicAdmin admin;

  public CreatePartitionsHandler(TopicAdmin admin) {
    this.admin = admin;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.CREATE_PARTITIONS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((CreatePartitionsRequest) request.body()).data();
    var calls = new ArrayList<CompletionStage<CreatePartitionsTopicResult>>();
    var twice = Twice.of(body.topics(), CreatePartitionsTopic::name);
    for (var topic : body.topics()) {
      if (twice.contains(topic.name())) {
        continue;
      }
      if (Topic.isInternal(topic.name())) {
        calls.add(CompletableFuture.completedStage(failed(topic.name(), INTERNAL)));
        continue;
      }
      var more = new MorePartitions(topic.name(), topic.count(), assignments(topic));
      calls.add(
          admin
              .addPartitions(more, body.validateOnly())
              .thenApply(grown -> new CreatePartitionsTopicResult().setName(topic.name()))
              .exceptionally(fault -> failed(topic.name(), fault)));
    }
    for (var name : twice) {
      calls.add(CompletableFuture.completedStage(failed(name, DUPLICATE)));
    }
    Outcomes.gather(
        request,
        calls,
        fault -> failed("", fault),
        results -> request.respond(new CreatePartitionsResponseData().setResults(results)));
  }

  private static @Nullable List<List<Integer>> assignments(CreatePartitionsTopic topic) {
    return topic.assignments() == null
        ? null
        : topic.assignments().stream().map(CreatePartitionsAssignment::brokerIds).toList();
  }

  private static CreatePartitionsTopicResult failed(String name, Throwable fault) {
    return new CreatePartitionsTopicResult()
        .setName(name)
        .setErrorCode(KafkaErrors.of(fault).code())
        .setErrorMessage(KafkaErrors.message(fault));
  }
}
