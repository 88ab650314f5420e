package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.HeartbeatRequest;

/** Keeps a member of a classic group alive and tells it of rebalances. */
public final class HeartbeatHandler implements RequestHandler {

  private final GroupCoordinators coordinators;

  public HeartbeatHandler(GroupCoordinators coordinators) {
    this.coordinators = coordinators;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.HEARTBEAT;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((HeartbeatRequest) request.body()).data();
    GroupCoordinators.answer(
        request,
        coordinators.ask(groups -> groups.heartbeat(request.context(), body)),
        beaten -> beaten);
  }
}
