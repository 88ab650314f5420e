package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.TopicAdmin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.jspecify.annotations.Nullable;

/** Replaces all settings of a resource by those given. */
public final class AlterConfigsHandler implements RequestHandler {

  private final ConfigChanges changes;

  public AlterConfigsHandler(ClusterImages images, TopicAdmin admin) {
    this.changes = new ConfigChanges(images, admin);
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.ALTER_CONFIGS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((AlterConfigsRequest) request.body()).data();
    var calls = new ArrayList<CompletionStage<AlterConfigsResourceResponse>>();
    for (var resource : body.resources()) {
      calls.add(
          apply(resource, body.validateOnly()).handle((done, fault) -> answer(resource, fault)));
    }
    Outcomes.gather(
        request,
        calls,
        fault -> new AlterConfigsResourceResponse().setErrorCode(KafkaErrors.of(fault).code()),
        results -> request.respond(new AlterConfigsResponseData().setResponses(results)));
  }

  private CompletionStage<?> apply(AlterConfigsResource resource, boolean validateOnly) {
    var configs = new HashMap<String, String>();
    for (var config : resource.configs()) {
      if (config.value() == null) {
        return CompletableFuture.failedStage(
            new Fault.Refused(
                Refusal.INVALID_REQUEST, "Null value not supported for : " + config.name()));
      }
      configs.put(config.name(), config.value());
    }
    return changes.apply(
        resource.resourceType(),
        resource.resourceName(),
        new ConfigUpdate.Replace(configs),
        validateOnly);
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
