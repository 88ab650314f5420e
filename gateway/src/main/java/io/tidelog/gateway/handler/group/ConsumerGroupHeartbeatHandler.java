package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;

/** Joins, keeps alive, assigns and lets go members of consumer groups (KIP-848). */
public final class ConsumerGroupHeartbeatHandler implements RequestHandler {

  private final GroupCoordinators coordinators;

  public ConsumerGroupHeartbeatHandler(GroupCoordinators coordinators) {
    this.coordinators = coordinators;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.CONSUMER_GROUP_HEARTBEAT;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((ConsumerGroupHeartbeatRequest) request.body()).data();
    GroupCoordinators.answer(
        request,
        coordinators.ask(groups -> groups.consumerGroupHeartbeat(request.context(), body)),
        beaten -> beaten);
  }
}
