package io.tidelog.gateway.net;

import io.tidelog.gateway.handler.GroupHomes;
import io.tidelog.gateway.handler.group.GroupCoordinators;
import io.tidelog.metadata.api.ClusterImages;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * Groups of one member and their offsets, which every node of a cluster has; each node coordinates
 * those whose home it leads in truth, and refuses the others.
 */
final class SharedGroups {

  static final String OFFSETS = "__consumer_offsets";

  /** The node that leads each partition of the offsets topic in truth. */
  private final Map<Integer, Integer> leaders = new ConcurrentHashMap<>();

  /** By group, then by partition. */
  private final Map<String, Map<String, Long>> committed = new ConcurrentSkipListMap<>();

  private final List<String> askedBy = new ArrayList<>();

  void lead(int partition, int node) {
    leaders.put(partition, node);
  }

  /** Clients as coordinators saw them: client id and address. */
  List<String> askedBy() {
    return List.copyOf(askedBy);
  }

  GroupCoordinators of(int node, ClusterImages images) {
    var coordinator =
        (GroupCoordinator)
            Proxy.newProxyInstance(
                GroupCoordinator.class.getClassLoader(),
                new Class<?>[] {GroupCoordinator.class},
                (proxy, method, arguments) ->
                    CompletableFuture.completedFuture(
                        new Asked(node, images)
                            .answer(
                                method.getName(), (RequestContext) arguments[0], arguments[1])));
    CompletionStage<GroupCoordinator> stage = CompletableFuture.completedStage(coordinator);
    return new GroupCoordinators(() -> stage, () -> stage, group -> true);
  }

  private final class Asked {

    private final int node;
    private final ClusterImages images;

    private Asked(int node, ClusterImages images) {
      this.node = node;
      this.images = images;
    }

    private short error(String group) {
      var offsets = GroupHomes.offsets(images.current());
      boolean mine = offsets != null && leaders.get(GroupHomes.partition(offsets, group)) == node;
      return (mine ? Errors.NONE : Errors.NOT_COORDINATOR).code();
    }

    private boolean isMine(String group) {
      return error(group) == 0;
    }

    private Object answer(String method, RequestContext client, Object asked) {
      return switch (method) {
        case "joinGroup" -> join(client, (JoinGroupRequestData) asked);
        case "syncGroup" -> sync((SyncGroupRequestData) asked);
        case "heartbeat" ->
            new HeartbeatResponseData()
                .setErrorCode(error(((HeartbeatRequestData) asked).groupId()));
        case "leaveGroup" ->
            new LeaveGroupResponseData()
                .setErrorCode(error(((LeaveGroupRequestData) asked).groupId()));
        case "commitOffsets" -> commit((OffsetCommitRequestData) asked);
        case "fetchOffsets" -> fetch((OffsetFetchRequestGroup) asked);
        case "listGroups" -> list();
        case "describeGroups" -> describe(names(asked));
        case "deleteGroups" -> delete(names(asked));
        default -> throw new UnsupportedOperationException(method);
      };
    }

    private static List<String> names(Object asked) {
      return ((List<?>) asked).stream().map(String.class::cast).toList();
    }

    private JoinGroupResponseData join(RequestContext client, JoinGroupRequestData asked) {
      short error = error(asked.groupId());
      if (error != 0) {
        return new JoinGroupResponseData().setErrorCode(error);
      }
      askedBy.add(client.clientId() + " " + client.clientAddress().getHostAddress());
      var protocol = asked.protocols().iterator().next();
      return new JoinGroupResponseData()
          .setGenerationId(1)
          .setProtocolType(asked.protocolType())
          .setProtocolName(protocol.name())
          .setLeader("member")
          .setMemberId("member")
          .setMembers(
              List.of(
                  new JoinGroupResponseMember()
                      .setMemberId("member")
                      .setMetadata(protocol.metadata())));
    }

    private SyncGroupResponseData sync(SyncGroupRequestData asked) {
      short error = error(asked.groupId());
      return error != 0
          ? new SyncGroupResponseData().setErrorCode(error)
          : new SyncGroupResponseData()
              .setProtocolType(asked.protocolType())
              .setProtocolName(asked.protocolName())
              .setAssignment(asked.assignments().getFirst().assignment());
    }

    private OffsetCommitResponseData commit(OffsetCommitRequestData asked) {
      short error = error(asked.groupId());
      var answer = new OffsetCommitResponseData();
      for (var topic : asked.topics()) {
        var told =
            new OffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
        answer.topics().add(told);
        for (var partition : topic.partitions()) {
          if (error == 0) {
            committed
                .computeIfAbsent(asked.groupId(), _ -> new ConcurrentSkipListMap<>())
                .put(topic.name() + "/" + partition.partitionIndex(), partition.committedOffset());
          }
          told.partitions()
              .add(
                  new OffsetCommitResponsePartition()
                      .setPartitionIndex(partition.partitionIndex())
                      .setErrorCode(error));
        }
      }
      return answer;
    }

    private OffsetFetchResponseGroup fetch(OffsetFetchRequestGroup asked) {
      var answer =
          new OffsetFetchResponseGroup()
              .setGroupId(asked.groupId())
              .setErrorCode(error(asked.groupId()));
      var offsets = committed.getOrDefault(asked.groupId(), Map.of());
      if (asked.topics() == null) {
        offsets.forEach(
            (name, offset) -> {
              var partition = name.split("/", 2);
              answer
                  .topics()
                  .add(
                      new OffsetFetchResponseTopics()
                          .setName(partition[0])
                          .setPartitions(List.of(told(Integer.parseInt(partition[1]), offset))));
            });
        return answer;
      }
      for (var topic : asked.topics()) {
        answer
            .topics()
            .add(
                new OffsetFetchResponseTopics()
                    .setName(topic.name())
                    .setTopicId(topic.topicId())
                    .setPartitions(
                        topic.partitionIndexes().stream()
                            .map(
                                index ->
                                    told(
                                        index,
                                        offsets.getOrDefault(topic.name() + "/" + index, -1L)))
                            .toList()));
      }
      return answer;
    }

    private static OffsetFetchResponsePartitions told(int index, long offset) {
      return new OffsetFetchResponsePartitions()
          .setPartitionIndex(index)
          .setCommittedOffset(offset)
          .setMetadata("");
    }

    private ListGroupsResponseData list() {
      return new ListGroupsResponseData()
          .setGroups(
              committed.keySet().stream()
                  .filter(this::isMine)
                  .map(
                      group ->
                          new ListedGroup()
                              .setGroupId(group)
                              .setProtocolType("consumer")
                              .setGroupState("Empty")
                              .setGroupType("Classic"))
                  .toList());
    }

    private List<DescribedGroup> describe(List<String> groups) {
      return groups.stream()
          .map(
              group ->
                  new DescribedGroup()
                      .setGroupId(group)
                      .setErrorCode(error(group))
                      .setGroupState("Empty")
                      .setProtocolType("consumer"))
          .toList()
          .reversed();
    }

    private DeletableGroupResultCollection delete(List<String> groups) {
      var results = new DeletableGroupResultCollection();
      for (var group : groups) {
        if (isMine(group)) {
          committed.remove(group);
        }
        results.add(new DeletableGroupResult().setGroupId(group).setErrorCode(error(group)));
      }
      return results;
    }
  }
}
