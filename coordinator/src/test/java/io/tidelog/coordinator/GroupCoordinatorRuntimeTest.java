package io.tidelog.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupCoordinatorRuntimeTest {

  private static final String OFFSETS = "__consumer_offsets";

  private final TestGroups groups =
      new TestGroups(
          Map.of(
              "offsets.topic.num.partitions", "3",
              "group.consumer.assignment.interval.ms", "0",
              "tidelog.offsets.garbage.bytes", "4096"));

  @AfterEach
  void close() {
    groups.close();
  }

  @Test
  void listingGroupsCreatesNoOffsetsTopic() {
    var listed =
        TestGroups.get(
            groups
                .coordinatorWithoutTopic()
                .listGroups(TestGroups.context(ApiKeys.LIST_GROUPS), new ListGroupsRequestData()));

    assertThat(listed.groups()).isEmpty();
    assertThat(groups.cluster().current().topic(OFFSETS)).isNull();
  }

  @Test
  void theFirstGroupCreatesTheOffsetsTopicOnce() {
    groups.coordinator();
    var first = groups.cluster().require(OFFSETS);
    groups.coordinator();

    assertThat(groups.cluster().require(OFFSETS)).isEqualTo(first);
    assertThat(first.partitionCount()).isEqualTo(3);
    assertThat(first.configs()).containsEntry("cleanup.policy", "compact");
  }

  @Test
  void aCommittedOffsetSurvivesARestart() {
    var topic = groups.cluster().create("orders", 2);
    assertThat(groups.commit("billing", topic, 1, 42)).isEqualTo(Errors.NONE);

    groups.restart();

    var listed =
        TestGroups.get(
            groups
                .coordinatorWithoutTopic()
                .listGroups(TestGroups.context(ApiKeys.LIST_GROUPS), new ListGroupsRequestData()));
    assertThat(listed.groups()).extracting(group -> group.groupId()).containsExactly("billing");
    assertThat(groups.committed("billing", topic, 1)).isEqualTo(42);
    assertThat(groups.committed("billing", topic, 0)).isEqualTo(-1);
  }

  @Test
  void aGroupIsNotCurrentWhenItsLogMayBeLedElsewhere() {
    var topic = groups.cluster().create("orders", 1);
    assertThat(groups.commit("billing", topic, 0, 42)).isEqualTo(Errors.NONE);
    assertThat(groups.isCurrent("billing")).isTrue();

    groups.log().fallSilent();

    assertThat(groups.isCurrent("billing")).isFalse();
  }

  @Test
  void whatAnotherNodeCommittedBetweenTwoTermsIsKnownInTheSecond() {
    var topic = groups.cluster().create("orders", 1);
    assertThat(groups.commit("billing", topic, 0, 1)).isEqualTo(Errors.NONE);
    groups.elsewhere(
        () -> {
          var error = groups.patiently(g -> g.commit("billing", topic, 0, 2), found -> found);
          assertThat(error).isEqualTo(Errors.NONE);
        });

    groups.cluster().lead(3);

    await().until(() -> groups.isCurrent("billing"));
    assertThat(groups.committed("billing", topic, 0)).isEqualTo(2);
    assertThat(groups.commit("billing", topic, 0, 3)).isEqualTo(Errors.NONE);
  }

  /** As when the partition moved between two logs that are both led here. */
  @Test
  void aGroupIsNotLoadedFromTheLogThatItsPartitionHasLeft() {
    var topic = groups.cluster().create("orders", 1);
    assertThat(groups.commit("billing", topic, 0, 42)).isEqualTo(Errors.NONE);
    int before = groups.log().snapshots();
    groups.cluster().announce(3);
    await().until(() -> groups.log().snapshots() > before + 4);

    groups.log().lead(3);

    await().until(() -> groups.isCurrent("billing"));
    assertThat(groups.committed("billing", topic, 0)).isEqualTo(42);
  }

  @Test
  void aLoadThatIsOverDoesNotEndTheOneOfTheNextTerm() {
    var topic = groups.cluster().create("orders", 1);
    assertThat(groups.commit("billing", topic, 0, 42)).isEqualTo(Errors.NONE);
    for (int term : new int[] {3, 4, 5}) {
      int before = groups.log().snapshots();
      groups.cluster().announce(term);
      await().until(() -> groups.log().snapshots() > before + 4);
    }

    groups.log().lead(5);

    await().until(() -> groups.isCurrent("billing"));
    assertThat(groups.committed("billing", topic, 0)).isEqualTo(42);
  }

  @Test
  void groupsAreCounted() {
    var topic = groups.cluster().create("orders", 1);
    assertThat(groups.readings()).isEmpty();
    assertThat(groups.commit("billing", topic, 0, 42)).isEqualTo(Errors.NONE);

    assertThat(groups.readings())
        .filteredOn(reading -> reading.name().equals("offset-commit-count"))
        .singleElement()
        .extracting(GroupReading::value)
        .isEqualTo(1.0);
  }

  @Test
  void twoClassicMembersShareAGroup() {
    var group = "classic";
    var first = groups.join(group, groups.join(group, "").memberId());
    assertThat(Errors.forCode(first.errorCode())).isEqualTo(Errors.NONE);
    assertThat(first.leader()).isEqualTo(first.memberId());
    assertThat(sync(group, first, Map.of(first.memberId(), new byte[] {7}))).containsExactly(7);

    var secondId = groups.join(group, "").memberId();
    var secondJoins = groups.joining(group, secondId);
    var firstRejoins = groups.joining(group, first.memberId());
    var leader = TestGroups.get(firstRejoins);
    var follower = TestGroups.get(secondJoins);
    assertThat(leader.members()).hasSize(2);
    assertThat(follower.generationId()).isEqualTo(leader.generationId());

    var followerSync = groups.syncing(group, follower, Map.of());
    var mine =
        sync(
            group,
            leader,
            Map.of(leader.memberId(), new byte[] {1}, follower.memberId(), new byte[] {2}));
    assertThat(mine).containsExactly(1);
    assertThat(TestGroups.get(followerSync).assignment()).containsExactly(2);
  }

  private byte[] sync(String group, JoinGroupResponseData joined, Map<String, byte[]> assignments) {
    return TestGroups.get(groups.syncing(group, joined, assignments)).assignment();
  }

  @Test
  void twoConsumerMembersDivideATopicAndGetWhatIsAddedToIt() {
    var topic = groups.cluster().create("orders", 9);
    var members = List.of(new Member("modern"), new Member("modern"));

    beatUntilAssigned(members, 9);
    assertThat(members).allSatisfy(member -> assertThat(member.owned.size()).isBetween(4, 5));

    groups.cluster().grow("orders", 12);
    beatUntilAssigned(members, 12);
    assertThat(members).allSatisfy(member -> assertThat(member.owned).hasSize(6));
    assertThat(members.getFirst().topicId).isEqualTo(TestGroups.uuid(topic));
  }

  private static void beatUntilAssigned(List<Member> members, int partitions) {
    var owned = new HashSet<Integer>();
    long giveUpNs = System.nanoTime() + 20_000_000_000L;
    while (owned.size() < partitions || members.stream().anyMatch(Member::isUnbalanced)) {
      assertThat(System.nanoTime()).as("owned %s", owned).isLessThan(giveUpNs);
      owned.clear();
      for (var member : members) {
        member.beat();
        owned.addAll(member.owned);
      }
      members.getFirst().wanted = partitions / members.size();
      members.getLast().wanted = partitions / members.size();
    }
  }

  private final class Member {
    private final String group;
    private final String id = Uuid.randomUuid().toString();
    private Set<Integer> owned = new HashSet<>();
    private Uuid topicId = Uuid.ZERO_UUID;
    private int epoch;
    private int wanted = Integer.MAX_VALUE;

    Member(String group) {
      this.group = group;
    }

    boolean isUnbalanced() {
      return owned.size() < wanted;
    }

    void beat() {
      var request =
          new ConsumerGroupHeartbeatRequestData()
              .setGroupId(group)
              .setMemberId(id)
              .setMemberEpoch(epoch)
              .setTopicPartitions(
                  owned.isEmpty()
                      ? List.of()
                      : List.of(
                          new TopicPartitions()
                              .setTopicId(topicId)
                              .setPartitions(new ArrayList<>(owned))));
      if (epoch == 0) {
        request.setRebalanceTimeoutMs(10_000).setSubscribedTopicNames(List.of("orders"));
      }
      ConsumerGroupHeartbeatResponseData response = groups.beat(request);
      assertThat(Errors.forCode(response.errorCode())).isEqualTo(Errors.NONE);
      epoch = response.memberEpoch();
      if (response.assignment() != null) {
        owned = new HashSet<>();
        for (var assigned : response.assignment().topicPartitions()) {
          topicId = assigned.topicId();
          owned.addAll(assigned.partitions());
        }
      }
    }
  }

  @Test
  void aRefusedAppendIsNotAcknowledgedAndTheGroupGoesOn() {
    var topic = groups.cluster().create("orders", 1);
    assertThat(groups.commit("billing", topic, 0, 1)).isEqualTo(Errors.NONE);

    groups.log().refuseAppends(1);
    assertThat(groups.commit("billing", topic, 0, 2)).isNotEqualTo(Errors.NONE);
    assertThat(groups.committed("billing", topic, 0)).isEqualTo(1);

    var error = groups.patiently(g -> g.commit("billing", topic, 0, 3), found -> found);
    assertThat(error).isEqualTo(Errors.NONE);
    assertThat(groups.committed("billing", topic, 0)).isEqualTo(3);
    groups.restart();
    assertThat(groups.committed("billing", topic, 0)).isEqualTo(3);
  }

  @Test
  void nothingIsAcknowledgedBeforeItIsCommitted() {
    var topic = groups.cluster().create("orders", 1);
    assertThat(groups.commit("billing", topic, 0, 1)).isEqualTo(Errors.NONE);

    groups.log().freezeCommits();
    var waiting = groups.committing("billing", topic, 0, 2);
    assertThat(groups.committed("billing", topic, 0)).isEqualTo(1);
    assertThat(waiting).isNotDone();

    groups.log().thawCommits();
    assertThat(TestGroups.errorOf(TestGroups.get(waiting))).isEqualTo(Errors.NONE);
    assertThat(groups.committed("billing", topic, 0)).isEqualTo(2);
  }

  @Test
  void offsetsPartitionsStayBoundedAndLoseNothing() {
    var topic = groups.cluster().create("orders", 4);
    var expected = new HashMap<String, Long>();
    List<CompletableFuture<OffsetCommitResponseData>> answers = new ArrayList<>();
    for (int i = 0; i < 6_000; i++) {
      var group = "group-" + i % 5;
      int partition = i % 4;
      answers.add(groups.committing(group, topic, partition, i));
      expected.put(group + "/" + partition, (long) i);
      if (answers.size() == 50) {
        answers.forEach(
            answer ->
                assertThat(TestGroups.errorOf(TestGroups.get(answer))).isEqualTo(Errors.NONE));
        answers.clear();
      }
    }

    var offsets = groups.cluster().require(OFFSETS);
    for (int partition = 0; partition < offsets.partitionCount(); partition++) {
      var id = offsets.partition(partition);
      if (groups.log().snapshot(id).logEndOffset() > 1_000) {
        // What is gone is cut off behind the answer to the commit.
        await().until(() -> groups.log().snapshot(id).logStartOffset() > 0);
        await().until(() -> groups.log().snapshot(id).totalBytes() < 100_000);
      }
    }
    groups.restart();
    expected.forEach(
        (key, offset) -> {
          var parts = key.split("/", 2);
          assertThat(groups.committed(parts[0], topic, Integer.parseInt(parts[1])))
              .as(key)
              .isEqualTo(offset);
        });
  }

  @Test
  void offsetsOfADeletedTopicAreForgotten() {
    var topic = groups.cluster().create("orders", 1);
    assertThat(groups.commit("billing", topic, 0, 1)).isEqualTo(Errors.NONE);

    TestGroups.get(groups.cluster().delete(topic.id()).toCompletableFuture());

    await().until(() -> groups.committed("billing", topic, 0) == -1);
  }
}
