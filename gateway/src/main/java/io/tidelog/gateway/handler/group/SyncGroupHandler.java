package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/** Hands a member of a classic group its assignment; the leader brings everybody's. */
public final class SyncGroupHandler implements RequestHandler {

  private final GroupCoordinators coordinators;

  public SyncGroupHandler(GroupCoordinators coordinators) {
    this.coordinators = coordinators;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.SYNC_GROUP;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = (SyncGroupRequest) request.body();
    if (!body.areMandatoryProtocolTypeAndNamePresent()) {
      request.fail(Errors.INCONSISTENT_GROUP_PROTOCOL.exception());
      return;
    }
    GroupCoordinators.answer(
        request,
        coordinators.ask(
            groups -> groups.syncGroup(request.context(), body.data(), BufferSupplier.NO_CACHING)),
        synced -> synced);
  }
}
