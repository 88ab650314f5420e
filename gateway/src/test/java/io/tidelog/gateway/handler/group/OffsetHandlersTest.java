package io.tidelog.gateway.handler.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OffsetHandlersTest {

  private static final Uuid NOBODY = new Uuid(9, 9);

  private final FixedImages images = new FixedImages();
  private final TopicImage orders = images.add("orders", 2);

  static Stream<Short> commitVersions() {
    return versions(ApiKeys.OFFSET_COMMIT);
  }

  static Stream<Short> fetchVersions() {
    return versions(ApiKeys.OFFSET_FETCH);
  }

  private static Stream<Short> versions(ApiKeys api) {
    return IntStream.rangeClosed(api.oldestVersion(), api.latestVersion(false))
        .mapToObj(version -> (short) version);
  }

  @ParameterizedTest
  @MethodSource("commitVersions")
  void aCommitReachesTheCoordinatorForKnownPartitionsOnly(short version) {
    var coordinator = new ScriptedCoordinator(asked -> allCommitted(asked.getFirst()));
    boolean byId = version >= 10;
    var request =
        FakeRequest.of(
            ApiKeys.OFFSET_COMMIT,
            version,
            new OffsetCommitRequestData()
                .setGroupId("billing")
                .setTopics(
                    List.of(
                        commitOf(byId, "orders", KafkaIds.kafka(orders.id()), 0, 2),
                        commitOf(byId, "nobody", NOBODY, 0))));

    new OffsetCommitHandler(coordinator.access(), images).handle(request);

    var asked = coordinator.asked(OffsetCommitRequestData.class).topics();
    assertThat(asked).hasSize(1);
    assertThat(asked.getFirst().name()).isEqualTo("orders");
    assertThat(asked.getFirst().topicId()).isEqualTo(KafkaIds.kafka(orders.id()));
    var answer = request.answer(OffsetCommitResponseData.class);
    assertThat(
            answer.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .map(partition -> Errors.forCode(partition.errorCode())))
        .containsExactlyInAnyOrder(
            Errors.NONE,
            Errors.UNKNOWN_TOPIC_OR_PARTITION,
            byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION);
  }

  private static OffsetCommitRequestTopic commitOf(
      boolean byId, String name, Uuid id, int... partitions) {
    return new OffsetCommitRequestTopic()
        .setName(byId ? "" : name)
        .setTopicId(byId ? id : Uuid.ZERO_UUID)
        .setPartitions(
            IntStream.of(partitions)
                .mapToObj(
                    index ->
                        new OffsetCommitRequestPartition()
                            .setPartitionIndex(index)
                            .setCommittedOffset(5))
                .toList());
  }

  private static CompletableFuture<?> allCommitted(Object request) {
    var topics = new ArrayList<OffsetCommitResponseTopic>();
    for (var topic : ((OffsetCommitRequestData) request).topics()) {
      topics.add(
          new OffsetCommitResponseTopic()
              .setName(topic.name())
              .setTopicId(topic.topicId())
              .setPartitions(
                  topic.partitions().stream()
                      .map(
                          partition ->
                              new OffsetCommitResponsePartition()
                                  .setPartitionIndex(partition.partitionIndex()))
                      .toList()));
    }
    return CompletableFuture.completedFuture(new OffsetCommitResponseData().setTopics(topics));
  }

  @Test
  void aCommitOfUnknownTopicsOnlyIsAnsweredWithoutTheCoordinator() {
    var coordinator = new ScriptedCoordinator(asked -> allCommitted(asked.getFirst()));
    var request =
        FakeRequest.of(
            ApiKeys.OFFSET_COMMIT,
            (short) 9,
            new OffsetCommitRequestData()
                .setGroupId("billing")
                .setTopics(List.of(commitOf(false, "nobody", NOBODY, 0))));

    new OffsetCommitHandler(coordinator.access(), images).handle(request);

    assertThat(coordinator.wasAsked()).isFalse();
    assertThat(request.answer(OffsetCommitResponseData.class).topics()).hasSize(1);
  }

  @Test
  void aCommitWhileLoadingSaysSoForEachPartition() {
    var coordinator = new ScriptedCoordinator(asked -> loading());
    var request =
        FakeRequest.of(
            ApiKeys.OFFSET_COMMIT,
            (short) 9,
            new OffsetCommitRequestData()
                .setGroupId("billing")
                .setTopics(List.of(commitOf(false, "orders", NOBODY, 0, 1))));

    new OffsetCommitHandler(coordinator.access(), images).handle(request);

    assertThat(
            request.answer(OffsetCommitResponseData.class).topics().getFirst().partitions().stream()
                .map(partition -> Errors.forCode(partition.errorCode())))
        .containsExactly(Errors.COORDINATOR_LOAD_IN_PROGRESS, Errors.COORDINATOR_LOAD_IN_PROGRESS);
  }

  private static CompletableFuture<?> loading() {
    return CompletableFuture.failedFuture(new CoordinatorLoadInProgressException("loading"));
  }

  @ParameterizedTest
  @MethodSource("fetchVersions")
  void aFetchIsAnsweredInEveryVersion(short version) {
    var coordinator = new ScriptedCoordinator(asked -> allFetched(asked.getFirst()));
    var request = FakeRequest.of(ApiKeys.OFFSET_FETCH, version, fetchOf(version));

    new OffsetFetchHandler(coordinator.access(), images).handle(request);

    var answer = request.answer(OffsetFetchResponseData.class);
    if (version < 8) {
      assertThat(answer.topics().getFirst().partitions().getFirst().committedOffset())
          .isEqualTo(42);
    } else {
      var topics = answer.groups().getFirst().topics();
      assertThat(topics.getFirst().partitions().getFirst().committedOffset()).isEqualTo(42);
      if (version >= 10) {
        assertThat(topics.getFirst().topicId()).isEqualTo(KafkaIds.kafka(orders.id()));
        assertThat(topics.getLast().partitions().getFirst().errorCode())
            .isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
      }
    }
  }

  private OffsetFetchRequestData fetchOf(short version) {
    if (version < 8) {
      return new OffsetFetchRequestData()
          .setGroupId("billing")
          .setTopics(
              List.of(
                  new OffsetFetchRequestTopic().setName("orders").setPartitionIndexes(List.of(0))));
    }
    var topics = new ArrayList<OffsetFetchRequestTopics>();
    topics.add(
        new OffsetFetchRequestTopics()
            .setName(version < 10 ? "orders" : "")
            .setTopicId(version < 10 ? Uuid.ZERO_UUID : KafkaIds.kafka(orders.id()))
            .setPartitionIndexes(List.of(0)));
    if (version >= 10) {
      topics.add(new OffsetFetchRequestTopics().setTopicId(NOBODY).setPartitionIndexes(List.of(0)));
    }
    return new OffsetFetchRequestData()
        .setGroups(List.of(new OffsetFetchRequestGroup().setGroupId("billing").setTopics(topics)));
  }

  private static CompletableFuture<?> allFetched(Object request) {
    var group = (OffsetFetchRequestGroup) request;
    return CompletableFuture.completedFuture(
        new OffsetFetchResponseGroup()
            .setGroupId(group.groupId())
            .setTopics(
                group.topics().stream()
                    .map(
                        topic ->
                            new OffsetFetchResponseTopics()
                                .setName(topic.name())
                                .setTopicId(topic.topicId())
                                .setPartitions(
                                    List.of(
                                        new OffsetFetchResponsePartitions()
                                            .setCommittedOffset(42))))
                    .toList()));
  }

  @ParameterizedTest
  @MethodSource("fetchVersions")
  void aFetchWhileLoadingSaysSo(short version) {
    var coordinator = new ScriptedCoordinator(asked -> loading());

    assertThat(fetchError(coordinator, version)).isEqualTo(Errors.COORDINATOR_LOAD_IN_PROGRESS);
  }

  @ParameterizedTest
  @MethodSource("fetchVersions")
  void offsetsReadWhereAnotherNodeMayKnowMoreAreNotTold(short version) {
    var coordinator = new ScriptedCoordinator(asked -> allFetched(asked.getFirst())).outdated();

    assertThat(fetchError(coordinator, version)).isEqualTo(Errors.NOT_COORDINATOR);
  }

  private Errors fetchError(ScriptedCoordinator coordinator, short version) {
    var request = FakeRequest.of(ApiKeys.OFFSET_FETCH, version, fetchOf(version));
    new OffsetFetchHandler(coordinator.access(), images).handle(request);
    var answer = request.answer(OffsetFetchResponseData.class);
    return Errors.forCode(
        version >= 8
            ? answer.groups().getFirst().errorCode()
            : version >= 2
                ? answer.errorCode()
                : answer.topics().getFirst().partitions().getFirst().errorCode());
  }

  @Test
  void offsetsOfATopicThatIsGoneAreLeftOutWhereAnIdIsNeeded() {
    var coordinator =
        new ScriptedCoordinator(
            asked ->
                CompletableFuture.completedFuture(
                    new OffsetFetchResponseGroup()
                        .setGroupId("billing")
                        .setTopics(
                            List.of(
                                new OffsetFetchResponseTopics().setName("orders"),
                                new OffsetFetchResponseTopics().setName("gone")))));
    var request =
        FakeRequest.of(
            ApiKeys.OFFSET_FETCH,
            (short) 10,
            new OffsetFetchRequestData()
                .setGroups(
                    List.of(new OffsetFetchRequestGroup().setGroupId("billing").setTopics(null))));

    new OffsetFetchHandler(coordinator.access(), images).handle(request);

    assertThat(request.answer(OffsetFetchResponseData.class).groups().getFirst().topics())
        .extracting(OffsetFetchResponseTopics::topicId)
        .containsExactly(KafkaIds.kafka(orders.id()));
  }

  @Test
  void deletingOffsetsOfUnknownPartitionsIsRefusedOneByOne() {
    var coordinator =
        new ScriptedCoordinator(
            asked -> CompletableFuture.completedFuture(new OffsetDeleteResponseData()));
    var topics = new OffsetDeleteRequestTopicCollection();
    topics.add(
        new OffsetDeleteRequestTopic()
            .setName("orders")
            .setPartitions(
                List.of(
                    new OffsetDeleteRequestPartition().setPartitionIndex(1),
                    new OffsetDeleteRequestPartition().setPartitionIndex(2))));
    var request =
        FakeRequest.of(
            ApiKeys.OFFSET_DELETE,
            (short) 0,
            new OffsetDeleteRequestData().setGroupId("billing").setTopics(topics));

    new OffsetDeleteHandler(coordinator.access(), images).handle(request);

    assertThat(
            coordinator.asked(OffsetDeleteRequestData.class).topics().find("orders").partitions())
        .extracting(OffsetDeleteRequestPartition::partitionIndex)
        .containsExactly(1);
    var refused = request.answer(OffsetDeleteResponseData.class).topics().find("orders");
    assertThat(refused.partitions().find(2).errorCode())
        .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
  }
}
