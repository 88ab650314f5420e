package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.ConfigUpdate.Action;
import io.tidelog.metadata.api.ConfigUpdate.ConfigChange;
import io.tidelog.metadata.api.TopicAdmin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.jspecify.annotations.Nullable;

/** Changes single settings of a resource (KIP-339). */
public final class IncrementalAlterConfigsHandler implements RequestHandler {

  private static final List<Action> ACTIONS_BY_ID =
      List.of(Action.SET, Action.DELETE, Action.APPEND, Action.SUBTRACT);

  private final ConfigChanges changes;

  public IncrementalAlterConfigsHandler(ClusterImages images, TopicAdmin admin) {
    this.changes = new ConfigChanges(images, admin);
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.INCREMENTAL_ALTER_CONFIGS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((IncrementalAlterConfigsRequest) request.body()).data();
    var calls = new ArrayList<CompletionStage<AlterConfigsResourceResponse>>();
    for (var resource : body.resources()) {
      calls.add(
          apply(resource, body.validateOnly()).handle((done, fault) -> answer(resource, fault)));
    }
    Outcomes.gather(
        request,
        calls,
        fault -> new AlterConfigsResourceResponse().setErrorCode(KafkaErrors.of(fault).code()),
        results ->
            request.respond(new IncrementalAlterConfigsResponseData().setResponses(results)));
  }

  private CompletionStage<?> apply(AlterConfigsResource resource, boolean validateOnly) {
    var edits = new ArrayList<ConfigChange>();
    var names = new HashSet<String>();
    for (var config : resource.configs()) {
      byte action = config.configOperation();
      if (action < 0 || action >= ACTIONS_BY_ID.size()) {
        return refused("Unknown operation " + action + " for " + config.name());
      }
      if (!names.add(config.name())) {
        return refused("Error due to duplicate config keys: " + config.name());
      }
      if (config.value() == null && ACTIONS_BY_ID.get(action) != Action.DELETE) {
        return refused("Null value not supported for : " + config.name());
      }
      edits.add(new ConfigChange(config.name(), ACTIONS_BY_ID.get(action), config.value()));
    }
    return changes.apply(
        resource.resourceType(),
        resource.resourceName(),
        new ConfigUpdate.Edit(edits),
        validateOnly);
  }

  private static CompletionStage<?> refused(String message) {
    return CompletableFuture.failedStage(new Fault.Refused(Refusal.INVALID_REQUEST, message));
  }

  private static AlterConfigsResourceResponse answer(
      AlterConfigsResource resource, @Nullable Throwable fault) {
    return new AlterConfigsResourceResponse()
        .setResourceType(resource.resourceType())
        .setResourceName(resource.resourceName())
        .setErrorCode(fault == null ? 0 : KafkaErrors.of(fault).code())
        .setErrorMessage(fault == null ? null : KafkaErrors.message(fault));
  }
}
