package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.jspecify.annotations.Nullable;

/** Creates topics, each on its own: one that fails keeps no other from being created. */
public final class CreateTopicsHandler implements RequestHandler {

  private static final Fault DUPLICATE =
      new Fault.Refused(Refusal.INVALID_REQUEST, "Duplicate topic name.");

  private final TopicAdmin admin;
  private final ConfigDescriptions configs;

  public CreateTopicsHandler(TopicAdmin admin, ConfigDescriptions configs) {
    this.admin = admin;
    this.configs = configs;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.CREATE_TOPICS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((CreateTopicsRequest) request.body()).data();
    var calls = new ArrayList<CompletionStage<CreatableTopicResult>>();
    // Topics that set the same show the same.
    var shown = new ConcurrentHashMap<Map<String, String>, List<CreatableTopicConfigs>>();
    var twice = Twice.of(body.topics(), CreatableTopic::name);
    for (var wanted : body.topics()) {
      if (!twice.contains(wanted.name())) {
        calls.add(
            create(wanted, body.validateOnly())
                .thenApply(
                    topic ->
                        created(
                            topic, shown.computeIfAbsent(topic.configs(), same -> describe(topic))))
                .exceptionally(fault -> failed(wanted.name(), fault)));
      }
    }
    for (var name : twice) {
      calls.add(CompletableFuture.completedStage(failed(name, DUPLICATE)));
    }
    Outcomes.gather(
        request,
        calls,
        fault -> failed("", fault),
        results -> {
          var response =
              new CreateTopicsResponseData()
                  .setTopics(new CreatableTopicResultCollection(results.size()));
          results.forEach(response.topics()::add);
          request.respond(response);
        });
  }

  private CompletionStage<TopicImage> create(CreatableTopic wanted, boolean validateOnly) {
    var own = new HashMap<String, String>();
    for (var config : wanted.configs()) {
      if (config.value() == null) {
        return CompletableFuture.failedStage(
            new Fault.Refused(
                Refusal.INVALID_CONFIG,
                "Null value not supported for topic configs: " + config.name()));
      }
      own.put(config.name(), config.value());
    }
    var assignedTwice = Twice.of(wanted.assignments(), CreatableReplicaAssignment::partitionIndex);
    if (!assignedTwice.isEmpty()) {
      return CompletableFuture.failedStage(
          new Fault.Refused(
              Refusal.INVALID_REPLICA_ASSIGNMENT,
              "Found multiple manual partition assignments for partition(s) " + assignedTwice));
    }
    var topic =
        new NewTopic(
            wanted.name(),
            wanted.numPartitions(),
            wanted.replicationFactor(),
            assignments(wanted),
            own);
    return admin.create(topic, validateOnly);
  }

  private static @Nullable Map<Integer, List<Integer>> assignments(CreatableTopic wanted) {
    if (wanted.assignments().isEmpty()) {
      return null;
    }
    var assignments = new HashMap<Integer, List<Integer>>();
    wanted.assignments().forEach(a -> assignments.put(a.partitionIndex(), a.brokerIds()));
    return assignments;
  }

  private List<CreatableTopicConfigs> describe(TopicImage topic) {
    var described = new ArrayList<CreatableTopicConfigs>();
    for (var entry : configs.ofTopic(topic)) {
      described.add(
          new CreatableTopicConfigs()
              .setName(entry.name())
              .setValue(entry.value())
              .setReadOnly(entry.readOnly())
              .setConfigSource(entry.configSource())
              .setIsSensitive(entry.isSensitive()));
    }
    return described;
  }

  private static CreatableTopicResult created(TopicImage topic, List<CreatableTopicConfigs> shown) {
    return new CreatableTopicResult()
        .setName(topic.name())
        .setErrorMessage(null)
        .setTopicId(KafkaIds.kafka(topic.id()))
        .setNumPartitions(topic.partitionCount())
        .setReplicationFactor((short) 1)
        .setConfigs(shown);
  }

  private static CreatableTopicResult failed(String name, Throwable fault) {
    return new CreatableTopicResult()
        .setName(name)
        .setErrorCode(KafkaErrors.of(fault).code())
        .setErrorMessage(KafkaErrors.message(fault));
  }
}
