package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListGroupsRequest;

/** Lists groups by state and type; asks for no offsets topic, so that looking creates nothing. */
public final class ListGroupsHandler implements RequestHandler {

  private final GroupCoordinators coordinators;

  public ListGroupsHandler(GroupCoordinators coordinators) {
    this.coordinators = coordinators;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.LIST_GROUPS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((ListGroupsRequest) request.body()).data();
    GroupCoordinators.answer(
        request,
        coordinators
            .running()
            .get()
            .thenCompose(groups -> groups.listGroups(request.context(), body)),
        listed -> listed);
  }
}
