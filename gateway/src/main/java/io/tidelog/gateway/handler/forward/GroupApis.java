package io.tidelog.gateway.handler.forward;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.SyncGroupRequest;

/** The requests about groups, and about nodes. */
final class GroupApis {

  private GroupApis() {}

  static List<ForwardingHandler.Api> all() {
    var all = new ArrayList<ForwardingHandler.Api>(ofMembers());
    all.addAll(ofOffsets());
    all.add(new ManyGroupsApi<>(ApiKeys.DESCRIBE_GROUPS, new GroupShapes.Describe()));
    all.add(
        new ManyGroupsApi<>(ApiKeys.CONSUMER_GROUP_DESCRIBE, new GroupShapes.DescribeConsumers()));
    all.add(new ManyGroupsApi<>(ApiKeys.DELETE_GROUPS, new GroupShapes.Delete()));
    all.add(new EachNodeApi(ApiKeys.LIST_GROUPS, (_, answers) -> groups(answers)));
    all.add(new EachNodeApi(ApiKeys.DESCRIBE_LOG_DIRS, (_, answers) -> folders(answers)));
    return all;
  }

  private static List<ForwardingHandler.Api> ofMembers() {
    return List.of(
        new OneGroupApi(
            ApiKeys.JOIN_GROUP,
            body -> ((JoinGroupRequest) body).data().groupId(),
            answer -> isMisplaced(((JoinGroupResponseData) answer).errorCode()),
            false, // a second new member would come of it
            body -> {
              var join = ((JoinGroupRequest) body).data();
              return Math.max(join.rebalanceTimeoutMs(), join.sessionTimeoutMs());
            }),
        new OneGroupApi(
            ApiKeys.SYNC_GROUP,
            body -> ((SyncGroupRequest) body).data().groupId(),
            answer -> isMisplaced(((SyncGroupResponseData) answer).errorCode()),
            true,
            _ -> 0),
        new OneGroupApi(
            ApiKeys.HEARTBEAT,
            body -> ((HeartbeatRequest) body).data().groupId(),
            answer -> isMisplaced(((HeartbeatResponseData) answer).errorCode()),
            true,
            _ -> 0),
        new OneGroupApi(
            ApiKeys.LEAVE_GROUP,
            body -> ((LeaveGroupRequest) body).data().groupId(),
            answer -> isMisplaced(((LeaveGroupResponseData) answer).errorCode()),
            false, // the second time there is no such member
            _ -> 0),
        new OneGroupApi(
            ApiKeys.CONSUMER_GROUP_HEARTBEAT,
            body -> ((ConsumerGroupHeartbeatRequest) body).data().groupId(),
            answer -> isMisplaced(((ConsumerGroupHeartbeatResponseData) answer).errorCode()),
            true, // KIP-848: as a member that got no answer does
            _ -> 0));
  }

  private static List<ForwardingHandler.Api> ofOffsets() {
    return List.of(
        new OneGroupApi(
            ApiKeys.OFFSET_COMMIT,
            body -> ((OffsetCommitRequest) body).data().groupId(),
            GroupApis::isCommitMisplaced,
            true, // in order, so that no older offset comes after a newer one
            _ -> 0),
        new OneGroupApi(
            ApiKeys.OFFSET_DELETE,
            body -> ((OffsetDeleteRequest) body).data().groupId(),
            answer -> isMisplaced(((OffsetDeleteResponseData) answer).errorCode()),
            true,
            _ -> 0),
        new OffsetFetchApi());
  }

  private static boolean isMisplaced(short error) {
    return error == Errors.NOT_COORDINATOR.code();
  }

  private static boolean isCommitMisplaced(ApiMessage answer) {
    return ((OffsetCommitResponseData) answer)
        .topics().stream()
            .flatMap(topic -> topic.partitions().stream())
            .anyMatch(partition -> isMisplaced(partition.errorCode()));
  }

  /** All groups, and the error of a node that could not tell. */
  private static ApiMessage groups(Map<Integer, ApiMessage> answers) {
    var all = new ListGroupsResponseData();
    for (var answer : answers.values()) {
      var told = (ListGroupsResponseData) answer;
      all.groups().addAll(told.groups());
      if (told.errorCode() != Errors.NONE.code()) {
        all.setErrorCode(told.errorCode());
      }
    }
    return all;
  }

  /**
   * The folders of nodes, with the node before the path. A gateway that speaks for no node tells of
   * one that holds nothing: clients take none at all for a refusal.
   */
  static ApiMessage folders(Map<Integer, ApiMessage> answers) {
    var all = new ArrayList<DescribeLogDirsResult>();
    answers.forEach(
        (node, answer) -> {
          for (var folder : ((DescribeLogDirsResponseData) answer).results()) {
            all.add(folder.setLogDir("node-" + node + ":" + folder.logDir()));
          }
        });
    if (all.isEmpty()) {
      all.add(new DescribeLogDirsResult().setLogDir("none"));
    }
    return new DescribeLogDirsResponseData().setResults(all);
  }
}
