package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import java.util.List;

/** All handlers of this package. */
public final class GroupHandlers {

  private GroupHandlers() {}

  public static List<RequestHandler> create(GroupCoordinators coordinators, ClusterImages images) {
    return List.of(
        new JoinGroupHandler(coordinators),
        new SyncGroupHandler(coordinators),
        new HeartbeatHandler(coordinators),
        new LeaveGroupHandler(coordinators),
        new OffsetCommitHandler(coordinators, images),
        new OffsetFetchHandler(coordinators, images),
        new OffsetDeleteHandler(coordinators, images),
        new DescribeGroupsHandler(coordinators),
        new ListGroupsHandler(coordinators),
        new DeleteGroupsHandler(coordinators),
        new ConsumerGroupHeartbeatHandler(coordinators),
        new ConsumerGroupDescribeHandler(coordinators));
  }
}
