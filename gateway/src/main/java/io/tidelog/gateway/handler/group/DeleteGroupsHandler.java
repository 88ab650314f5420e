package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/** Deletes groups that have no members, with their offsets. */
public final class DeleteGroupsHandler implements RequestHandler {

  private final GroupCoordinators coordinators;

  public DeleteGroupsHandler(GroupCoordinators coordinators) {
    this.coordinators = coordinators;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.DELETE_GROUPS;
  }

  @Override
  public void handle(ClientRequest request) {
    var names =
        ((DeleteGroupsRequest) request.body()).data().groupsNames().stream().distinct().toList();
    GroupCoordinators.answer(
        request,
        coordinators.ask(
            groups -> groups.deleteGroups(request.context(), names, BufferSupplier.NO_CACHING)),
        results -> new DeleteGroupsResponseData().setResults(results));
  }
}
