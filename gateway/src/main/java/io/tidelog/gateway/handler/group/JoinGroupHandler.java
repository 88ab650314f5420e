package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/** Takes a member into a classic group; answered when the group has gathered. */
public final class JoinGroupHandler implements RequestHandler {

  private final GroupCoordinators coordinators;

  public JoinGroupHandler(GroupCoordinators coordinators) {
    this.coordinators = coordinators;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.JOIN_GROUP;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((JoinGroupRequest) request.body()).data();
    GroupCoordinators.answer(
        request,
        coordinators.ask(
            groups -> groups.joinGroup(request.context(), body, BufferSupplier.NO_CACHING)),
        joined -> new JoinGroupResponse(joined, request.version()).data());
  }
}
