package io.tidelog.gateway.handler.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Fault;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.gateway.fake.Batches;
import io.tidelog.gateway.fake.FakeRequest;
import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.gateway.fake.InMemoryLog;
import io.tidelog.gateway.fake.SteppedClock;
import io.tidelog.gateway.fake.SteppedLane;
import io.tidelog.gateway.fetch.FetchLane;
import io.tidelog.gateway.fetch.FetchLaneConfig;
import io.tidelog.gateway.fetch.FetchLanes;
import io.tidelog.gateway.fetch.FetchSettings;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.Records;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FetchHandlerTest {

  private static final int LATEST = ApiKeys.FETCH.latestVersion(false);
  private static final int FULL = 0;

  private final SteppedClock clock = new SteppedClock();
  private final SteppedLane loop = new SteppedLane(clock);
  private final SteppedLane logLane = new SteppedLane(clock);
  private final InMemoryLog log = new InMemoryLog(logLane);
  private final FixedImages images = new FixedImages();
  private final TopicImage orders = images.add("orders", 2);
  private final TopicImage bills = images.add("bills", 1);
  private final FetchLanes lanes =
      new FetchLanes(
          new FetchLane.Sources(log, log, new PartitionDirectory(images), clock),
          FetchLaneConfig.defaults(1),
          () -> new Random(3));
  private final FetchHandler handler =
      new FetchHandler(lanes, images, log, FetchSettings.FETCH_MAX_BYTES.defaultValue());

  static IntStream versions() {
    return IntStream.rangeClosed(ApiKeys.FETCH.oldestVersion(), LATEST);
  }

  @BeforeEach
  void open() {
    log.open(orders.partition(0));
    log.open(orders.partition(1));
    log.open(bills.partition(0));
    lanes.start();
  }

  @AfterEach
  void nothingIsLeftOpen() {
    clock.advanceMs(60_000);
    settle();
    assertThat(log.openBytes()).isZero();
    assertThat(loop.timers()).isZero();
  }

  @ParameterizedTest
  @MethodSource("versions")
  void everyVersionGetsItsRecords(int version) {
    append(orders, 0, "a", "b");
    var part = only(send(version, request(want(orders, 0, 0))));
    assertThat(part.errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(values(part)).containsExactly("a", "b");
    assertThat(part.highWatermark()).isEqualTo(2);
    assertThat(part.lastStableOffset()).isEqualTo(2);
    assertThat(part.abortedTransactions()).isNull();
  }

  @ParameterizedTest
  @MethodSource("versions")
  void everyVersionIsToldOfAnUnknownTopic(int version) {
    var nowhere = new FixedImages().add("nowhere", 1);
    var part = only(send(version, request(want(nowhere, 0, 0))));
    var expected = version >= 13 ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    assertThat(part.errorCode()).isEqualTo(expected.code());
    assertThat(part.highWatermark()).isEqualTo(-1);
  }

  @Test
  void aReaderOfCommittedTransactionsIsToldThatNoneWereAborted() {
    append(orders, 0, "a");
    var part = only(send(LATEST, request(want(orders, 0, 0)).setIsolationLevel((byte) 1)));
    assertThat(part.abortedTransactions()).isEmpty();
  }

  @Test
  void partitionsOfATopicAreAnsweredTogether() {
    append(orders, 0, "a");
    append(bills, 0, "b");
    var response =
        send(LATEST, request(want(orders, 0, 0), want(bills, 0, 0), want(orders, 1, 0)))
            .answer(FetchResponseData.class);
    assertThat(response.responses())
        .extracting(FetchableTopicResponse::topicId)
        .containsExactly(KafkaIds.kafka(orders.id()), KafkaIds.kafka(bills.id()));
  }

  @Test
  void aSessionTellsOnlyWhatIsNew() {
    append(orders, 0, "a");
    var opened = waited(request(want(orders, 0, 1), want(bills, 0, 0)).setSessionEpoch(FULL));
    assertThat(opened.sessionId()).isPositive();
    assertThat(opened.responses()).hasSize(2);
    append(bills, 0, "b");
    var next =
        send(LATEST, request().setSessionId(opened.sessionId()).setSessionEpoch(1))
            .answer(FetchResponseData.class);
    assertThat(next.responses()).hasSize(1);
    assertThat(values(next.responses().getFirst().partitions().getFirst())).containsExactly("b");
    var quiet =
        waited(request(want(bills, 0, 1)).setSessionId(opened.sessionId()).setSessionEpoch(2));
    assertThat(quiet.responses()).isEmpty();
    assertThat(quiet.sessionId()).isEqualTo(opened.sessionId());
  }

  @Test
  void aForgottenPartitionIsReadNoMore() {
    var opened = waited(request(want(orders, 0, 0), want(bills, 0, 0)).setSessionEpoch(FULL));
    append(orders, 0, "a");
    append(bills, 0, "b");
    var next = request().setSessionId(opened.sessionId()).setSessionEpoch(1);
    next.setForgottenTopicsData(
        List.of(
            new ForgottenTopic()
                .setTopic(orders.name())
                .setTopicId(KafkaIds.kafka(orders.id()))
                .setPartitions(List.of(0))));
    assertThat(send(LATEST, next).answer(FetchResponseData.class).responses())
        .extracting(FetchableTopicResponse::topicId)
        .containsExactly(KafkaIds.kafka(bills.id()));
  }

  @Test
  void sessionErrorsAreToldAtTheTop() {
    assertThat(error(request().setSessionId(99).setSessionEpoch(1)))
        .isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
    var opened = waited(request(want(orders, 0, 0)).setSessionEpoch(FULL));
    assertThat(error(request().setSessionId(opened.sessionId()).setSessionEpoch(5)))
        .isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH);
  }

  @Test
  void aLongPollIsAnsweredByTheNextCommit() {
    var request = send(LATEST, request(want(orders, 0, 0)));
    assertThat(request.answers()).isZero();
    append(orders, 0, "a");
    assertThat(values(only(request))).containsExactly("a");
  }

  @Test
  void aClientThatLeavesIsForgotten() {
    var request = send(LATEST, request(want(orders, 0, 0)));
    request.close();
    append(orders, 0, "a");
    assertThat(request.answers()).isOne();
    assertThat(lanes.of(loop).parked().count()).isZero();
  }

  @Test
  void aClientWithAnOldEpochIsToldTheLeader() {
    append(orders, 0, "a");
    log.nextEpoch(orders.partition(0));
    var wanted = request(want(orders, 0, 0));
    wanted.topics().getFirst().partitions().getFirst().setCurrentLeaderEpoch(0);
    var request = send(LATEST, wanted);
    assertThat(only(request).errorCode()).isEqualTo(Errors.FENCED_LEADER_EPOCH.code());
    assertThat(only(request).currentLeader().leaderId()).isOne();
    assertThat(only(request).currentLeader().leaderEpoch()).isOne();
    assertThat(request.answer(FetchResponseData.class).nodeEndpoints().find(1).port())
        .isEqualTo(9092);
  }

  @Test
  void replicasAreRefused() {
    var request = send(14, request(want(orders, 0, 0)).setReplicaId(2));
    assertThat(request.failure()).isInstanceOf(Fault.Refused.class);
  }

  private static Want want(TopicImage topic, int partition, long offset) {
    return new Want(topic, partition, offset);
  }

  private static FetchRequestData request(Want... wants) {
    var topics = new ArrayList<FetchTopic>();
    for (var want : wants) {
      var known = topics.stream().filter(t -> t.topic().equals(want.topic.name())).findFirst();
      var topic =
          known.orElseGet(
              () -> {
                var added =
                    new FetchTopic()
                        .setTopic(want.topic.name())
                        .setTopicId(KafkaIds.kafka(want.topic.id()))
                        .setPartitions(new ArrayList<>());
                topics.add(added);
                return added;
              });
      topic
          .partitions()
          .add(
              new FetchPartition()
                  .setPartition(want.partition)
                  .setFetchOffset(want.offset)
                  .setPartitionMaxBytes(1 << 20));
    }
    return new FetchRequestData()
        .setTopics(topics)
        .setMinBytes(1)
        .setMaxWaitMs(500)
        .setSessionEpoch(-1);
  }

  private FakeRequest send(int version, FetchRequestData data) {
    var request = new FakeRequest(ApiKeys.FETCH, version, data, loop, clock);
    handler.handle(request);
    settle();
    return request;
  }

  private FetchResponseData waited(FetchRequestData data) {
    var request = send(LATEST, data);
    clock.advanceMs(500);
    settle();
    return request.answer(FetchResponseData.class);
  }

  private Errors error(FetchRequestData data) {
    return Errors.forCode(send(LATEST, data).answer(FetchResponseData.class).errorCode());
  }

  private static PartitionData only(FakeRequest request) {
    var response = request.answer(FetchResponseData.class);
    assertThat(response.responses()).hasSize(1);
    assertThat(response.responses().getFirst().partitions()).hasSize(1);
    return response.responses().getFirst().partitions().getFirst();
  }

  private static List<String> values(PartitionData part) {
    var values = new ArrayList<String>();
    for (Record record : ((Records) part.records()).records()) {
      var bytes = new byte[record.valueSize()];
      record.value().get(bytes);
      values.add(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
    }
    return values;
  }

  private void append(TopicImage topic, int partition, String... values) {
    log.append(
        List.of(
            new AppendRequest(
                topic.partition(partition),
                Batches.of(clock.wallMs(), values),
                Acks.ALL,
                AppendRequest.ANY_OFFSET,
                _ -> {})));
    settle();
  }

  private void settle() {
    SteppedLane.settle(logLane, loop);
  }

  private record Want(TopicImage topic, int partition, long offset) {}
}
