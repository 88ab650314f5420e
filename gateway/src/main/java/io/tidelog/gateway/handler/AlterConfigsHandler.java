package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.TopicAdmin;
import java.util.HashMap;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AlterConfigsRequest;

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
    var wanted =
        body.resources().stream()
            .map(
                resource ->
                    new ConfigChanges.Change(
                        resource.resourceType(), resource.resourceName(), () -> update(resource)))
            .toList();
    changes.apply(
        request,
        wanted,
        body.validateOnly(),
        outcomes ->
            request.respond(
                new AlterConfigsResponseData()
                    .setResponses(outcomes.stream().map(AlterConfigsHandler::answer).toList())));
  }

  private static ConfigUpdate update(AlterConfigsResource resource) {
    var configs = new HashMap<String, String>();
    for (var config : resource.configs()) {
      if (config.value() == null) {
        throw refused("Null value not supported for : " + config.name());
      }
      configs.put(config.name(), config.value());
    }
    return new ConfigUpdate.Replace(configs);
  }

  private static Fault.Refused refused(String message) {
    return new Fault.Refused(Refusal.INVALID_REQUEST, message);
  }

  private static AlterConfigsResourceResponse answer(ConfigChanges.Outcome outcome) {
    return new AlterConfigsResourceResponse()
        .setResourceType(outcome.type())
        .setResourceName(outcome.name())
        .setErrorCode(outcome.error())
        .setErrorMessage(outcome.message());
  }
}
