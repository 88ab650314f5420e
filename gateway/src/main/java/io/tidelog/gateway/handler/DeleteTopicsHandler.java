package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.TopicAdmin;
import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.jspecify.annotations.Nullable;

/** Deletes topics by name or by id, with their records in both tiers. */
public final class DeleteTopicsHandler implements RequestHandler {

  private final ClusterImages images;
  private final TopicAdmin admin;

  public DeleteTopicsHandler(ClusterImages images, TopicAdmin admin) {
    this.images = images;
    this.admin = admin;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.DELETE_TOPICS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = (DeleteTopicsRequest) request.body();
    var calls = new ArrayList<CompletionStage<DeletableTopicResult>>();
    var twice = Twice.of(body.topics(), topic -> topic);
    for (var topic : body.topics()) {
      if (!twice.contains(topic)) {
        calls.add(delete(topic));
      }
    }
    for (var topic : twice) {
      calls.add(refused(topic, "Duplicate topic."));
    }
    Outcomes.gather(
        request,
        calls,
        fault -> failed(null, Uuid.ZERO_UUID, fault),
        results -> {
          var response = new DeleteTopicsResponseData();
          results.forEach(response.responses()::add);
          request.respond(response);
        });
  }

  private CompletionStage<DeletableTopicResult> delete(DeleteTopicState topic) {
    boolean byId = !topic.topicId().equals(Uuid.ZERO_UUID);
    if (topic.name() == null) {
      return byId
          ? deleteById(topic.topicId())
          : refused(topic, "Neither topic name nor id were specified.");
    }
    return byId
        ? refused(topic, "You may not specify both topic name and topic id.")
        : deleteByName(topic.name());
  }

  private static CompletionStage<DeletableTopicResult> refused(
      DeleteTopicState topic, String message) {
    return CompletableFuture.completedStage(
        failed(topic.name(), topic.topicId(), new Fault.Refused(Refusal.INVALID_REQUEST, message)));
  }

  private CompletionStage<DeletableTopicResult> deleteByName(String name) {
    var topic = images.current().topic(name);
    return topic == null
        ? CompletableFuture.completedStage(
            new DeletableTopicResult()
                .setName(name)
                .setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code())
                .setErrorMessage(Errors.UNKNOWN_TOPIC_OR_PARTITION.message()))
        : delete(name, topic.id());
  }

  private CompletionStage<DeletableTopicResult> deleteById(Uuid id) {
    var topic = images.current().topic(KafkaIds.ours(id));
    return topic == null
        ? CompletableFuture.completedStage(
            new DeletableTopicResult()
                .setName(null)
                .setTopicId(id)
                .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code())
                .setErrorMessage(Errors.UNKNOWN_TOPIC_ID.message()))
        : delete(topic.name(), topic.id());
  }

  private CompletionStage<DeletableTopicResult> delete(String name, UUID id) {
    var kafkaId = KafkaIds.kafka(id);
    return admin
        .delete(id)
        .thenApply(done -> new DeletableTopicResult().setName(name).setTopicId(kafkaId))
        .exceptionally(fault -> failed(name, kafkaId, fault));
  }

  private static DeletableTopicResult failed(@Nullable String name, Uuid id, Throwable fault) {
    return new DeletableTopicResult()
        .setName(name)
        .setTopicId(id)
        .setErrorCode(KafkaErrors.of(fault).code())
        .setErrorMessage(KafkaErrors.message(fault));
  }
}
