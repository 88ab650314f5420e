package io.tidelog.app.oracle;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;

/** The steps of the scenario that join groups, and commit, describe and delete them. */
final class GroupSteps {

  private final Admin admin;
  private final RawConnection raw;

  GroupSteps(Admin admin, RawConnection raw) {
    this.admin = admin;
    this.raw = raw;
  }

  /** Needs the topic {@code t}. */
  void run(BiConsumer<String, Callable<String>> step) {
    step.accept("a group without offsets", () -> committed());
    step.accept("join, empty group", () -> join(""));
    step.accept("join, member id required", () -> join("g"));
    step.accept(
        "heartbeat, unknown member",
        () ->
            Scenario.error(
                raw.ask(
                        new HeartbeatRequest.Builder(
                                new HeartbeatRequestData()
                                    .setGroupId("g")
                                    .setGenerationId(1)
                                    .setMemberId("x"))
                            .build((short) 4),
                        HeartbeatResponse.class)
                    .data()
                    .errorCode()));
    step.accept("commit, simple consumer", () -> commit("simple", -1, "", "t"));
    step.accept("commit, unknown member", () -> commit("g", 3, "x", "t"));
    step.accept("commit, unknown topic", () -> commit("simple", -1, "", "nope"));
    step.accept("committed", () -> committed());
    step.accept(
        "describe an unknown group",
        () ->
            admin
                .describeConsumerGroups(List.of("never"))
                .all()
                .get()
                .get("never")
                .groupState()
                .toString());
    step.accept(
        "delete an unknown group",
        () -> {
          admin.deleteConsumerGroups(List.of("never")).all().get();
          return "ok";
        });
    step.accept(
        "delete a group",
        () -> {
          admin.deleteConsumerGroups(List.of("simple")).all().get();
          return "ok";
        });
  }

  private String join(String group) {
    var protocols =
        new JoinGroupRequestData.JoinGroupRequestProtocolCollection(
            List.of(
                    new JoinGroupRequestData.JoinGroupRequestProtocol()
                        .setName("range")
                        .setMetadata(new byte[0]))
                .iterator());
    var data =
        new JoinGroupRequestData()
            .setGroupId(group)
            .setSessionTimeoutMs(10_000)
            .setRebalanceTimeoutMs(10_000)
            .setMemberId("")
            .setProtocolType("consumer")
            .setProtocols(protocols);
    return Scenario.error(
        raw.ask(new JoinGroupRequest.Builder(data).build((short) 7), JoinGroupResponse.class)
            .data()
            .errorCode());
  }

  private String commit(String group, int generation, String member, String topic) {
    var data =
        new OffsetCommitRequestData()
            .setGroupId(group)
            .setGenerationIdOrMemberEpoch(generation)
            .setMemberId(member)
            .setTopics(
                List.of(
                    new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName(topic)
                        .setPartitions(
                            List.of(
                                new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                    .setPartitionIndex(0)
                                    .setCommittedOffset(1)))));
    var answer =
        raw.ask(
            OffsetCommitRequest.Builder.forTopicNames(data).build((short) 8),
            OffsetCommitResponse.class);
    return Scenario.error(answer.data().topics().get(0).partitions().get(0).errorCode());
  }

  private String committed() throws Exception {
    return admin
        .listConsumerGroupOffsets("simple")
        .partitionsToOffsetAndMetadata()
        .get()
        .toString();
  }
}
