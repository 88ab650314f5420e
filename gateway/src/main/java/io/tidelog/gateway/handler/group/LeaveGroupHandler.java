package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupResponse;

/** Lets members leave a group; before version 3 a single one. */
public final class LeaveGroupHandler implements RequestHandler {

  private final GroupCoordinators coordinators;

  public LeaveGroupHandler(GroupCoordinators coordinators) {
    this.coordinators = coordinators;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.LEAVE_GROUP;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((LeaveGroupRequest) request.body()).normalizedData();
    GroupCoordinators.answer(
        request,
        coordinators.ask(groups -> groups.leaveGroup(request.context(), body)),
        left -> new LeaveGroupResponse(left, request.version()).data());
  }
}
