package io.tidelog.gateway.handler.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Fault;
import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.gateway.wire.RequestHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MemberHandlersTest {

  static Stream<Short> joinVersions() {
    return versions(ApiKeys.JOIN_GROUP);
  }

  static Stream<Short> leaveVersions() {
    return versions(ApiKeys.LEAVE_GROUP);
  }

  private static Stream<Short> versions(ApiKeys api) {
    return IntStream.rangeClosed(api.oldestVersion(), api.latestVersion(false))
        .mapToObj(version -> (short) version);
  }

  @ParameterizedTest
  @MethodSource("joinVersions")
  void aRefusedJoinHasAProtocolNameWhereVersionsNeedOne(short version) {
    var coordinator =
        new ScriptedCoordinator(
            asked ->
                CompletableFuture.completedFuture(
                    new JoinGroupResponseData()
                        .setErrorCode(Errors.MEMBER_ID_REQUIRED.code())
                        .setProtocolName(null)));
    var request =
        FakeRequest.of(
            ApiKeys.JOIN_GROUP, version, new JoinGroupRequestData().setGroupId("billing"));

    new JoinGroupHandler(coordinator.access()).handle(request);

    var answer = request.answer(JoinGroupResponseData.class);
    assertThat(answer.errorCode()).isEqualTo(Errors.MEMBER_ID_REQUIRED.code());
    assertThat(answer.protocolName()).isEqualTo(version < 7 ? "" : null);
  }

  @ParameterizedTest
  @MethodSource("leaveVersions")
  void leavingAnUnknownGroupIsAnsweredInEveryVersion(short version) {
    var coordinator =
        new ScriptedCoordinator(
            asked ->
                CompletableFuture.completedFuture(
                    new LeaveGroupResponseData()
                        .setMembers(
                            List.of(
                                new MemberResponse()
                                    .setMemberId("m")
                                    .setErrorCode(Errors.UNKNOWN_MEMBER_ID.code())))));
    var body = new LeaveGroupRequestData().setGroupId("billing");
    if (version < 3) {
      body.setMemberId("m");
    } else {
      body.setMembers(List.of(new MemberIdentity().setMemberId("m")));
    }
    var request = FakeRequest.of(ApiKeys.LEAVE_GROUP, version, body);

    new LeaveGroupHandler(coordinator.access()).handle(request);

    assertThat(coordinator.asked(LeaveGroupRequestData.class).members())
        .extracting(MemberIdentity::memberId)
        .containsExactly("m");
    var answer = request.answer(LeaveGroupResponseData.class);
    assertThat(version < 3 ? answer.errorCode() : answer.members().getFirst().errorCode())
        .isEqualTo(Errors.UNKNOWN_MEMBER_ID.code());
  }

  @Test
  void aSyncWithoutProtocolNameIsInconsistentFromVersion5On() {
    var coordinator =
        new ScriptedCoordinator(
            asked -> CompletableFuture.completedFuture(new SyncGroupResponseData()));
    var old = FakeRequest.of(ApiKeys.SYNC_GROUP, (short) 4, new SyncGroupRequestData());
    var recent = FakeRequest.of(ApiKeys.SYNC_GROUP, (short) 5, new SyncGroupRequestData());
    var handler = new SyncGroupHandler(coordinator.access());

    handler.handle(old);
    handler.handle(recent);

    assertThat(old.answer(SyncGroupResponseData.class).errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(recent.answer(SyncGroupResponseData.class).errorCode())
        .isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL.code());
  }

  @Test
  void withoutACoordinatorClientsAreToldToTryAgain() {
    CompletionStage<GroupCoordinator> never =
        CompletableFuture.failedStage(new Fault.Retriable("closing"));
    var request =
        FakeRequest.of(
            ApiKeys.HEARTBEAT, (short) 4, new HeartbeatRequestData().setGroupId("billing"));

    new HeartbeatHandler(new GroupCoordinators(() -> never, () -> never, group -> true))
        .handle(request);

    assertThat(request.answer(HeartbeatResponseData.class).errorCode())
        .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE.code());
  }

  @Test
  void operationsAreTheOnesKafkaNamesAndOnlyWhenAskedFor() {
    var coordinator =
        new ScriptedCoordinator(
            asked ->
                CompletableFuture.completedFuture(
                    List.of(
                        new DescribedGroup().setGroupId("billing"),
                        new DescribedGroup()
                            .setGroupId("lost")
                            .setErrorCode(Errors.NOT_COORDINATOR.code()))));
    var body =
        new DescribeGroupsRequestData()
            .setGroups(List.of("billing", "lost"))
            .setIncludeAuthorizedOperations(true);
    var request = FakeRequest.of(ApiKeys.DESCRIBE_GROUPS, (short) 5, body);

    new DescribeGroupsHandler(coordinator.access()).handle(request);

    assertThat(request.answer(DescribeGroupsResponseData.class).groups())
        .extracting(DescribedGroup::authorizedOperations)
        .containsExactly(DescribeGroupsHandler.ALL_GROUP_OPERATIONS, Integer.MIN_VALUE);
  }

  @Test
  void aGroupOfWhichAnotherNodeMayKnowMoreIsNotDescribed() {
    var coordinator =
        new ScriptedCoordinator(
                asked ->
                    CompletableFuture.completedFuture(
                        List.of(
                            new DescribedGroup().setGroupId("billing").setGroupState("Stable"))))
            .outdated();
    var request =
        FakeRequest.of(
            ApiKeys.DESCRIBE_GROUPS,
            (short) 5,
            new DescribeGroupsRequestData().setGroups(List.of("billing")));

    new DescribeGroupsHandler(coordinator.access()).handle(request);

    var group = request.answer(DescribeGroupsResponseData.class).groups().getFirst();
    assertThat(group.errorCode()).isEqualTo(Errors.NOT_COORDINATOR.code());
    assertThat(group.groupState()).isEmpty();
  }

  @Test
  void everyGroupRequestHasOneHandler() {
    var coordinator = new ScriptedCoordinator(asked -> new CompletableFuture<>());

    assertThat(GroupHandlers.create(coordinator.access(), new FixedImages()))
        .extracting(RequestHandler::api)
        .containsExactlyInAnyOrder(
            ApiKeys.JOIN_GROUP,
            ApiKeys.SYNC_GROUP,
            ApiKeys.HEARTBEAT,
            ApiKeys.LEAVE_GROUP,
            ApiKeys.OFFSET_COMMIT,
            ApiKeys.OFFSET_FETCH,
            ApiKeys.OFFSET_DELETE,
            ApiKeys.DESCRIBE_GROUPS,
            ApiKeys.LIST_GROUPS,
            ApiKeys.DELETE_GROUPS,
            ApiKeys.CONSUMER_GROUP_HEARTBEAT,
            ApiKeys.CONSUMER_GROUP_DESCRIBE);
  }
}
