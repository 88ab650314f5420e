package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.ConfigUpdate.Action;
import io.tidelog.metadata.api.ConfigUpdate.ConfigChange;
import io.tidelog.metadata.api.TopicAdmin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;

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
                new IncrementalAlterConfigsResponseData()
                    .setResponses(
                        outcomes.stream().map(IncrementalAlterConfigsHandler::answer).toList())));
  }

  private static ConfigUpdate update(AlterConfigsResource resource) {
    var edits = new ArrayList<ConfigChange>();
    var names = new HashSet<String>();
    for (var config : resource.configs()) {
      byte action = config.configOperation();
      if (action < 0 || action >= ACTIONS_BY_ID.size()) {
        throw refused("Unknown operation " + action + " for " + config.name());
      }
      if (!names.add(config.name())) {
        throw refused("Error due to duplicate config keys: " + config.name());
      }
      if (config.value() == null && ACTIONS_BY_ID.get(action) != Action.DELETE) {
        throw refused("Null value not supported for : " + config.name());
      }
      edits.add(new ConfigChange(config.name(), ACTIONS_BY_ID.get(action), config.value()));
    }
    return new ConfigUpdate.Edit(edits);
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
