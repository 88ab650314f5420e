package io.tidelog.gateway.handler.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.gateway.fake.Batches;
import io.tidelog.gateway.fake.FakeRequest;
import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.gateway.fake.InMemoryLog;
import io.tidelog.gateway.fake.SteppedClock;
import io.tidelog.gateway.fake.SteppedLane;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ListOffsetsHandlerTest {

  private static final int LATEST_VERSION = ApiKeys.LIST_OFFSETS.latestVersion(false);

  private static final long LATEST = -1;
  private static final long EARLIEST = -2;
  private static final long MAX_TIMESTAMP = -3;
  private static final long EARLIEST_LOCAL = -4;
  private static final long LATEST_TIERED = -5;
  private static final long EARLIEST_PENDING_UPLOAD = -6;

  private final SteppedClock clock = new SteppedClock();
  private final SteppedLane loop = new SteppedLane(clock);
  private final SteppedLane logLane = new SteppedLane(clock);
  private final SteppedLane searchLane = new SteppedLane(clock);
  private final InMemoryLog log = new InMemoryLog(logLane);
  private final FixedImages images = new FixedImages();
  private final TopicImage orders = topic();
  private final ListOffsetsHandler handler =
      new ListOffsetsHandler(
          new PartitionDirectory(images),
          log,
          log,
          new ValidationLanes(List.of(searchLane), 1, clock),
          clock);

  static IntStream versions() {
    return IntStream.rangeClosed(ApiKeys.LIST_OFFSETS.oldestVersion(), LATEST_VERSION);
  }

  @AfterEach
  void nothingIsLeftOpen() {
    assertThat(log.openBytes()).isZero();
    assertThat(loop.timers()).isZero();
  }

  @ParameterizedTest
  @MethodSource("versions")
  void everyVersionIsToldTheEnds(int version) {
    append(10, "a", "b");
    log.setLogStart(orders.partition(0), 1);
    assertThat(ask(version, LATEST).offset()).isEqualTo(2);
    var earliest = ask(version, EARLIEST);
    assertThat(earliest.offset()).isOne();
    assertThat(earliest.timestamp()).isEqualTo(-1);
    assertThat(earliest.leaderEpoch()).isEqualTo(version >= 4 ? 0 : -1);
  }

  @ParameterizedTest
  @MethodSource("versions")
  void everyVersionFindsARecordByItsTime(int version) {
    append(10, "a", "b", "c");
    append(20, "d");
    var found = ask(version, 12);
    assertThat(found.offset()).isEqualTo(2);
    assertThat(found.timestamp()).isEqualTo(12);
    assertThat(ask(version, 13).offset()).isEqualTo(3);
    assertThat(ask(version, 21).offset()).isEqualTo(-1);
    assertThat(ask(version, 21).errorCode()).isEqualTo(Errors.NONE.code());
  }

  @ParameterizedTest
  @CsvSource({"-3, 7", "-4, 8", "-5, 9", "-6, 11", "-7, 100"})
  void aSpecialTimeMeansNothingBeforeItsVersion(long timestamp, int since) {
    append(10, "a");
    for (int version = 1; version <= LATEST_VERSION; version++) {
      var expected = version < since ? Errors.UNSUPPORTED_VERSION : Errors.NONE;
      assertThat(ask(version, timestamp).errorCode())
          .as("version %d", version)
          .isEqualTo(expected.code());
    }
  }

  @Test
  void compressedRecordsAreLookedInto() {
    var zipped = Batches.records(Compression.zstd().build(), 10, "a", "b", "c");
    append(zipped);
    assertThat(ask(LATEST_VERSION, 11).offset()).isOne();
  }

  @Test
  void aRecordBelowTheLogStartIsNotFound() {
    append(10, "a", "b", "c");
    append(5, "d");
    append(11, "e");
    log.setLogStart(orders.partition(0), 2);
    assertThat(ask(LATEST_VERSION, 10).offset()).isEqualTo(2);
    log.setLogStart(orders.partition(0), 3);
    assertThat(ask(LATEST_VERSION, 10).offset()).isEqualTo(4);
  }

  @Test
  void theSearchGoesOnBehindABatchWhoseMatchIsGone() {
    append(MemoryRecords.withRecords(Compression.NONE, at(50, "a"), at(10, "b"), at(10, "c")));
    append(10, "d");
    append(50, "e");
    log.setLogStart(orders.partition(0), 1);
    assertThat(ask(LATEST_VERSION, 50).offset()).isEqualTo(4);
  }

  @Test
  void coldRecordsAreFoundByTheirTime() {
    append(10, "a");
    append(20, "b");
    log.offload(orders.partition(0), 1);
    var request = send(LATEST_VERSION, 5);
    assertThat(request.answers()).isZero();
    log.releaseReads();
    settle();
    assertThat(only(request).offset()).isZero();
  }

  @Test
  void aSearchThatTakesTooLongIsGivenUp() {
    append(10, "a");
    append(20, "b");
    log.offload(orders.partition(0), 1);
    var request = send(LATEST_VERSION, 5);
    clock.advanceMs(2_000);
    settle();
    assertThat(only(request).errorCode()).isEqualTo(Errors.REQUEST_TIMED_OUT.code());
    log.releaseReads();
    settle();
    assertThat(request.answers()).isOne();
  }

  @Test
  void theLargestTimeIsFoundWhereverItIs() {
    append(10, "a");
    append(70, "b", "c");
    append(30, "d");
    append(71, "e");
    append(20, "f");
    var largest = ask(LATEST_VERSION, MAX_TIMESTAMP);
    assertThat(largest.timestamp()).isEqualTo(71);
    assertThat(largest.offset()).isEqualTo(2);
  }

  @Test
  void theLargestTimeOfRandomBatchesIsFound() {
    long seed = 20261121;
    var random = new Random(seed);
    long largest = -1;
    long largestOffset = -1;
    for (int i = 0; i < 60; i++) {
      long time = random.nextLong(1L << random.nextInt(1, 45));
      append(time, "v");
      if (time > largest) {
        largest = time;
        largestOffset = i;
      }
      var found = ask(LATEST_VERSION, MAX_TIMESTAMP);
      assertThat(found.timestamp()).as("seed %d, batch %d", seed, i).isEqualTo(largest);
      assertThat(found.offset()).as("seed %d, batch %d", seed, i).isEqualTo(largestOffset);
    }
  }

  @Test
  void anEmptyPartitionHasEndsAndNoTimes() {
    assertThat(ask(LATEST_VERSION, LATEST).offset()).isZero();
    assertThat(ask(LATEST_VERSION, EARLIEST).offset()).isZero();
    assertThat(ask(LATEST_VERSION, EARLIEST_LOCAL).offset()).isZero();
    assertThat(ask(LATEST_VERSION, MAX_TIMESTAMP).offset()).isEqualTo(-1);
    assertThat(ask(LATEST_VERSION, LATEST_TIERED).offset()).isEqualTo(-1);
    assertThat(ask(LATEST_VERSION, EARLIEST_PENDING_UPLOAD).offset()).isEqualTo(-1);
    assertThat(ask(LATEST_VERSION, 0).offset()).isEqualTo(-1);
  }

  @Test
  void theTiersEndWhereTheyMeet() {
    append(10, "a");
    append(20, "b");
    append(30, "c");
    assertThat(ask(LATEST_VERSION, LATEST_TIERED).offset()).isEqualTo(-1);
    assertThat(ask(LATEST_VERSION, EARLIEST_PENDING_UPLOAD).offset()).isZero();
    log.offload(orders.partition(0), 2);
    assertThat(ask(LATEST_VERSION, EARLIEST).offset()).isZero();
    assertThat(ask(LATEST_VERSION, EARLIEST_LOCAL).offset()).isEqualTo(2);
    assertThat(ask(LATEST_VERSION, LATEST_TIERED).offset()).isOne();
    assertThat(ask(LATEST_VERSION, EARLIEST_PENDING_UPLOAD).offset()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"-1, 2", "-2, 0", "-3, 1", "-4, 2", "-5, 1", "-6, -1", "0, 0", "25, -1"})
  void nothingThatIsNotDueIsTold(long timestamp, long expected) {
    append(10, "a");
    append(20, "b");
    append(30, "c");
    append(40, "d");
    log.offload(orders.partition(0), 3);
    log.limitVisible(orders.partition(0), 2);
    var request = send(LATEST_VERSION, timestamp);
    log.releaseReads();
    settle();
    while (request.answers() == 0) {
      log.releaseReads();
      settle();
    }
    assertThat(only(request).offset()).isEqualTo(expected);
  }

  @Test
  void eachOffsetIsToldWithItsEpoch() {
    append(10, "a");
    log.nextEpoch(orders.partition(0));
    log.nextEpoch(orders.partition(0));
    append(20, "b");
    assertThat(ask(LATEST_VERSION, EARLIEST).leaderEpoch()).isZero();
    assertThat(ask(LATEST_VERSION, LATEST).leaderEpoch()).isEqualTo(2);
    assertThat(ask(LATEST_VERSION, 15).leaderEpoch()).isEqualTo(2);
    log.setLogStart(orders.partition(0), 1);
    assertThat(ask(LATEST_VERSION, EARLIEST).leaderEpoch()).isEqualTo(2);
  }

  @Test
  void anEpochThatIsNotTheLeadersIsRefused() {
    append(10, "a");
    log.nextEpoch(orders.partition(0));
    assertThat(only(send(LATEST_VERSION, request(LATEST, 0))).errorCode())
        .isEqualTo(Errors.FENCED_LEADER_EPOCH.code());
    assertThat(only(send(LATEST_VERSION, request(LATEST, 2))).errorCode())
        .isEqualTo(Errors.UNKNOWN_LEADER_EPOCH.code());
  }

  @Test
  void aPartitionAskedTwiceAndOneThatIsNotThereAreToldSo() {
    var request = request(LATEST, -1);
    var partitions = request.topics().getFirst().partitions();
    partitions.add(partitions.getFirst().duplicate());
    partitions.add(partitions.getFirst().duplicate().setPartitionIndex(7));
    var answers =
        send(LATEST_VERSION, request)
            .answer(ListOffsetsResponseData.class)
            .topics()
            .getFirst()
            .partitions();
    assertThat(answers)
        .extracting(ListOffsetsPartitionResponse::errorCode)
        .containsExactly(
            Errors.INVALID_REQUEST.code(),
            Errors.INVALID_REQUEST.code(),
            Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
  }

  private TopicImage topic() {
    var topic = images.add("orders", 1);
    log.open(topic.partition(0));
    return topic;
  }

  private ListOffsetsPartitionResponse ask(int version, long timestamp) {
    return only(send(version, timestamp));
  }

  private FakeRequest send(int version, long timestamp) {
    return send(version, request(timestamp, -1));
  }

  private FakeRequest send(int version, ListOffsetsRequestData data) {
    var request =
        new FakeRequest(
            ApiKeys.LIST_OFFSETS,
            version,
            version >= 10 ? data.setTimeoutMs(1_500) : data,
            loop,
            clock);
    handler.handle(request);
    settle();
    return request;
  }

  private static ListOffsetsRequestData request(long timestamp, int epoch) {
    return new ListOffsetsRequestData()
        .setReplicaId(-1)
        .setTopics(
            List.of(
                new ListOffsetsTopic()
                    .setName("orders")
                    .setPartitions(
                        new ArrayList<>(
                            List.of(
                                new ListOffsetsPartition()
                                    .setPartitionIndex(0)
                                    .setCurrentLeaderEpoch(epoch)
                                    .setTimestamp(timestamp))))));
  }

  private static ListOffsetsPartitionResponse only(FakeRequest request) {
    var topics = request.answer(ListOffsetsResponseData.class).topics();
    assertThat(topics).hasSize(1);
    assertThat(topics.getFirst().partitions()).hasSize(1);
    return topics.getFirst().partitions().getFirst();
  }

  private static SimpleRecord at(long timestampMs, String value) {
    return new SimpleRecord(timestampMs, value.getBytes(UTF_8));
  }

  private void append(long timestampMs, String... values) {
    append(Batches.records(Compression.NONE, timestampMs, values));
  }

  private void append(MemoryRecords records) {
    log.append(
        List.of(
            new AppendRequest(
                orders.partition(0),
                records.buffer(),
                Acks.ALL,
                AppendRequest.ANY_OFFSET,
                _ -> {})));
    settle();
  }

  private void settle() {
    SteppedLane.settle(logLane, searchLane, loop);
  }
}
