package io.tidelog.gateway.handler.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.gateway.fake.Batches;
import io.tidelog.gateway.fake.FakeRequest;
import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.gateway.fake.InMemoryLog;
import io.tidelog.gateway.fake.SteppedClock;
import io.tidelog.gateway.fake.SteppedLane;
import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.metadata.api.TopicConfig;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProduceHandlerTest {

  private static final int LATEST = ApiKeys.PRODUCE.latestVersion();
  private static final short ALL = -1;

  private final SteppedClock clock = new SteppedClock();
  private final SteppedLane loop = new SteppedLane(clock);
  private final SteppedLane logLane = new SteppedLane(clock);
  private final SteppedLane validationLane = new SteppedLane(clock);
  private final InMemoryLog log = new InMemoryLog(logLane);
  private final FixedImages images = new FixedImages();
  private final TopicImage orders = topic("orders", FixedImages.DEFAULTS);
  private static final int MAX_EXAMINED = 1_000;

  private final ProduceHandler handler =
      new ProduceHandler(
          images,
          log,
          log,
          new ValidationLanes(List.of(validationLane), MAX_EXAMINED, clock),
          clock);

  static IntStream versions() {
    return IntStream.rangeClosed(ApiKeys.PRODUCE.oldestVersion(), LATEST);
  }

  @ParameterizedTest
  @MethodSource("versions")
  void everyVersionGetsItsOffset(int version) {
    send(version, ALL, orders, 0, records("a", "b"));
    var answer = only(send(version, ALL, orders, 0, records("c")));
    assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(answer.baseOffset()).isEqualTo(2);
    assertThat(answer.logAppendTimeMs()).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("versions")
  void everyVersionIsToldOfAnUnknownPartition(int version) {
    var answer = only(send(version, ALL, orders, 9, records("a")));
    assertThat(answer.errorCode()).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    assertThat(answer.baseOffset()).isEqualTo(-1);
  }

  @Test
  void anUnknownTopicIsToldByNameOrById() {
    var nowhere =
        new TopicImage(
            "nowhere",
            new UUID(7, 7),
            orders.configs(),
            false,
            orders.homes(),
            orders.effective(),
            1);
    assertThat(only(send(12, ALL, nowhere, 0, records("a"))).errorCode())
        .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    assertThat(only(send(13, ALL, nowhere, 0, records("a"))).errorCode())
        .isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
  }

  @Test
  void whoeverIsElectedAndCannotBeginSaysThatReplicasAreMissing() {
    var elsewhere = images.add("elsewhere", 1);
    for (var inSync : List.of(1, 2)) {
      for (var leader : List.of(1, 2)) {
        images.showHome(leader, inSync);
        assertThat(Errors.forCode(only(send(LATEST, ALL, elsewhere, 0, records("a"))).errorCode()))
            .as("node 1, led by node %s, %s of 2 in sync", leader, inSync)
            .isEqualTo(
                leader == 1 && inSync == 1
                    ? Errors.NOT_ENOUGH_REPLICAS
                    : Errors.NOT_LEADER_OR_FOLLOWER);
      }
    }
  }

  @Test
  void theStoredBytesAreThoseSentButForOffsetAndEpoch() {
    send(LATEST, ALL, orders, 0, records("a"));
    var sent = Batches.records(Compression.gzip().build(), clock.wallMs(), "b", "c");
    send(LATEST, ALL, orders, 0, sent);
    var stored = stored(orders, 0).getLast();
    var expected = sent.batches().iterator().next();
    assertThat(stored.checksum()).isEqualTo(expected.checksum());
    assertThat(stored.baseOffset()).isOne();
    assertThat(stored.partitionLeaderEpoch()).isZero();
    assertThat(validationLane.posts()).isZero();
  }

  @Test
  void allIsAnsweredOnlyWhenCommittedAndLeaderWhenWritten() {
    log.holdCommits();
    var all = begin(LATEST, ALL, orders, 0, records("a"));
    var leader = begin(LATEST, (short) 1, orders, 0, records("b"));
    settle();
    assertThat(all.answers()).isZero();
    assertThat(only(leader).baseOffset()).isOne();
    log.commit();
    settle();
    assertThat(only(all).baseOffset()).isZero();
  }

  @Test
  void withoutAcksNothingIsAnswered() {
    var request = send(LATEST, (short) 0, orders, 0, records("a"));
    assertThat(request.answers()).isOne();
    assertThat(request.disconnected()).isNull();
    assertThat(stored(orders, 0)).hasSize(1);
  }

  @Test
  void withoutAcksAFailureClosesTheConnection() {
    var request = send(LATEST, (short) 0, orders, 9, records("a"));
    assertThat(request.disconnected()).contains("UNKNOWN_TOPIC_OR_PARTITION");
  }

  @ParameterizedTest
  @ValueSource(shorts = {-2, 2, 100})
  void otherAcksAreRefusedAndNothingIsWritten(short acks) {
    var answer = only(send(LATEST, acks, orders, 0, records("a")));
    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_REQUIRED_ACKS.code());
    assertThat(stored(orders, 0)).isEmpty();
  }

  @Test
  void internalTopicsAreNotForClients() {
    var offsets = topic("__consumer_offsets", FixedImages.DEFAULTS);
    assertThat(only(send(LATEST, ALL, offsets, 0, records("a"))).errorCode())
        .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION.code());
  }

  @Test
  void transactionsAreRefusedWithAnErrorThatEndsTheProducer() {
    var request = request(ALL, orders, 0, Batches.transactional(5, "a"));
    var answer = only(send(LATEST, request.setTransactionalId("tx")));
    assertThat(answer.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
    assertThat(answer.errorMessage()).contains("transactions");
    var without = only(send(LATEST, ALL, orders, 0, Batches.transactional(5, "a")));
    assertThat(without.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
  }

  @Test
  void aDuplicateGetsTheOffsetOfTheOriginal() {
    send(LATEST, ALL, orders, 0, records("a"));
    send(LATEST, ALL, orders, 0, Batches.idempotent(7, 0, "b"));
    var again = only(send(LATEST, ALL, orders, 0, Batches.idempotent(7, 0, "b")));
    assertThat(again.errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(again.baseOffset()).isOne();
    assertThat(stored(orders, 0)).hasSize(2);
  }

  @Test
  void whatTheLogRefusesIsRefusedWithItsMessage() {
    send(LATEST, ALL, orders, 0, Batches.idempotent(7, 0, "b"));
    var answer = only(send(LATEST, ALL, orders, 0, Batches.idempotent(7, 5, "c")));
    assertThat(answer.errorCode()).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code());
    assertThat(answer.errorMessage()).isEqualTo("refused by the log");
  }

  @Test
  void moreThanOneBatchForAPartitionIsRefused() {
    var two = Batches.together(List.of(records("a"), records("b")));
    var answer = only(send(LATEST, ALL, orders, 0, two));
    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_RECORD.code());
  }

  @Test
  void noRecordsAreRefused() {
    assertThat(only(send(LATEST, ALL, orders, 0, null)).errorCode())
        .isEqualTo(Errors.INVALID_RECORD.code());
    assertThat(only(send(LATEST, ALL, orders, 0, MemoryRecords.EMPTY)).errorCode())
        .isEqualTo(Errors.INVALID_RECORD.code());
  }

  @Test
  void aFlippedBitIsFound() {
    var broken = records("abc");
    broken.buffer().put(70, (byte) 99);
    assertThat(only(send(LATEST, ALL, orders, 0, broken)).errorCode())
        .isEqualTo(Errors.CORRUPT_MESSAGE.code());
  }

  @Test
  void whatWouldBeNoBetterTheNextTimeIsNotCalledCorrupt() {
    for (byte magic = 0; magic < 2; magic++) {
      var old = MemoryRecords.withRecords(magic, Compression.NONE, new SimpleRecord(new byte[3]));
      assertThat(only(send(LATEST, ALL, orders, 0, old)).errorCode())
          .isEqualTo(Errors.INVALID_RECORD.code());
    }
    var whole = records("a").buffer();
    for (int bytes : new int[] {5, 30, whole.remaining() - 1}) {
      var cut = MemoryRecords.readableRecords(whole.slice(0, bytes));
      assertThat(only(send(LATEST, ALL, orders, 0, cut)).errorCode())
          .isEqualTo(Errors.INVALID_RECORD.code());
    }
  }

  @Test
  void aBatchThatIsTooLargeIsRefused() {
    var small = topic("small", config(200, false, Long.MAX_VALUE, "producer", false));
    assertThat(only(send(LATEST, ALL, small, 0, records("a".repeat(200)))).errorCode())
        .isEqualTo(Errors.MESSAGE_TOO_LARGE.code());
  }

  @Test
  void aSmallBatchOfVeryManyRecordsIsNotLookedInto() {
    var values = new String[MAX_EXAMINED + 1];
    Arrays.fill(values, "");
    var stamped = topic("stamped", config(1 << 20, true, Long.MAX_VALUE, "producer", false));
    var bomb = Batches.records(Compression.gzip().build(), clock.wallMs(), values);
    assertThat(only(send(LATEST, ALL, stamped, 0, bomb)).errorCode())
        .isEqualTo(Errors.MESSAGE_TOO_LARGE.code());
    assertThat(only(send(LATEST, ALL, orders, 0, bomb)).errorCode()).isEqualTo(Errors.NONE.code());
  }

  @Test
  void aRefusalRepeatsNoNameOfTheClient() {
    var name = "x".repeat(30_000);
    var nowhere =
        new TopicImage(
            name, new UUID(7, 7), orders.configs(), false, orders.homes(), orders.effective(), 1);
    assertThat(only(send(12, ALL, nowhere, 0, records("a"))).errorMessage()).hasSizeLessThan(100);
  }

  @Test
  void zstdIsRefusedFromClientsThatCannotReadItBack() {
    var zstd = Batches.records(Compression.zstd().build(), clock.wallMs(), "a");
    assertThat(only(send(6, ALL, orders, 0, zstd)).errorCode())
        .isEqualTo(Errors.UNSUPPORTED_COMPRESSION_TYPE.code());
    assertThat(only(send(7, ALL, orders, 0, zstd)).errorCode()).isEqualTo(Errors.NONE.code());
  }

  @Test
  void theRequestsOfOneTurnEnterTheLogTogetherAndInOrder() {
    var requests = new ArrayList<FakeRequest>();
    for (int i = 0; i < 5; i++) {
      requests.add(begin(LATEST, ALL, orders, i % 2, records("r" + i)));
    }
    long posts = loop.posts();
    settle();
    assertThat(log.appendCalls()).isOne();
    assertThat(loop.posts()).as("one post for all completions").isEqualTo(posts + 1);
    assertThat(requests)
        .extracting(request -> only(request).baseOffset())
        .containsExactly(0L, 0L, 1L, 1L, 2L);
  }

  @Test
  void eachPartitionOfARequestFailsForItself() {
    var data = request(ALL, orders, 0, records("a"));
    data.topicData()
        .iterator()
        .next()
        .partitionData()
        .addAll(
            List.of(
                new PartitionProduceData().setIndex(9).setRecords(records("b")),
                new PartitionProduceData().setIndex(1).setRecords(records("c"))));
    var request = send(LATEST, data);
    assertThat(partitions(request))
        .extracting(PartitionProduceResponse::errorCode)
        .containsExactly(
            Errors.NONE.code(), Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), Errors.NONE.code());
  }

  @Test
  void whatIsNotDurableInTimeIsToldSoAndItsMemoryKept() {
    log.holdCommits();
    var request = begin(LATEST, ALL, orders, 0, records("a"));
    settle();
    clock.advanceMs(1_100);
    settle();
    assertThat(only(request).errorCode()).isEqualTo(Errors.REQUEST_TIMED_OUT.code());
    assertThat(request.memoryKept()).isTrue();
    log.commit();
    settle();
    assertThat(request.memoryKept()).isFalse();
    assertThat(request.answers()).isOne();
    assertThat(loop.timers()).isZero();
  }

  @Test
  void aPartitionThatIsNotHereIsToldSo() {
    var closed = images.add("closed", 1);
    var answer = only(send(LATEST, ALL, closed, 0, records("a")));
    assertThat(answer.errorCode()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
  }

  @Test
  void aTopicWithItsOwnCodecIsWrittenAnew() {
    var zipped = topic("zipped", config(1 << 20, false, Long.MAX_VALUE, "lz4", false));
    var answer = only(send(LATEST, ALL, zipped, 0, records("a", "b")));
    assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
    var stored = stored(zipped, 0).getFirst();
    assertThat(stored.compressionType()).isEqualTo(CompressionType.LZ4);
    assertThat(stored.lastOffset()).isOne();
    stored.ensureValid();
  }

  @Test
  void aRecordThatGrowsTooLargeIsRefusedWhereRecordsAreLookedInto() {
    var narrow =
        images.add(
            "narrow",
            1,
            config(1 << 20, true, Long.MAX_VALUE, "producer", false),
            Map.of("max.decompressed.message.bytes", "1000"));
    log.open(narrow.partition(0));
    var bomb = Batches.records(Compression.gzip().build(), clock.wallMs(), "a".repeat(100_000));
    var answer = only(send(LATEST, ALL, narrow, 0, bomb));
    assertThat(answer.errorCode()).isNotEqualTo(Errors.NONE.code());
    assertThat(stored(narrow, 0)).isEmpty();
  }

  @Test
  void logAppendTimeIsStampedAndTold() {
    var stamped = topic("stamped", config(1 << 20, true, Long.MAX_VALUE, "producer", false));
    var answer =
        only(send(LATEST, ALL, stamped, 0, Batches.records(Compression.NONE, 5, "a", "b")));
    assertThat(answer.logAppendTimeMs()).isEqualTo(clock.wallMs());
    assertThat(stored(stamped, 0).getFirst().maxTimestamp()).isEqualTo(clock.wallMs());
    stored(stamped, 0).getFirst().ensureValid();
  }

  @Test
  void theOrderIsKeptOnTheSlowWay() {
    var stamped = topic("stamped", config(1 << 20, true, Long.MAX_VALUE, "producer", false));
    var requests = new ArrayList<FakeRequest>();
    for (int i = 0; i < 5; i++) {
      requests.add(begin(LATEST, ALL, stamped, 0, records("r" + i)));
    }
    settle();
    assertThat(requests)
        .extracting(request -> only(request).baseOffset())
        .containsExactly(0L, 1L, 2L, 3L, 4L);
  }

  @Test
  void aRecordFromTheFutureIsNamed() {
    var early = Batches.records(Compression.NONE, clock.wallMs() + 3_600_000, "a", "b");
    var answer = only(send(LATEST, ALL, orders, 0, early));
    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_TIMESTAMP.code());
    assertThat(answer.recordErrors()).extracting(error -> error.batchIndex()).containsExactly(1);
    assertThat(answer.errorMessage()).isNotBlank();
    assertThat(stored(orders, 0)).isEmpty();
  }

  @Test
  void aRecordFromThePastIsRefusedWhereTheTopicSaysSo() {
    var fresh = topic("fresh", config(1 << 20, false, 1_000, "producer", false));
    var old = Batches.records(Compression.NONE, clock.wallMs() - 1_001, "a", "b");
    var answer = only(send(LATEST, ALL, fresh, 0, old));
    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_TIMESTAMP.code());
    assertThat(answer.recordErrors()).extracting(error -> error.batchIndex()).containsExactly(0);
  }

  @Test
  void aCompactedTopicWantsKeys() {
    var compacted = topic("compacted", config(1 << 20, false, Long.MAX_VALUE, "producer", true));
    var answer =
        only(send(LATEST, ALL, compacted, 0, Batches.withoutKeys(clock.wallMs(), "a", "b")));
    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_RECORD.code());
    assertThat(answer.recordErrors()).hasSize(2);
    assertThat(only(send(LATEST, ALL, compacted, 0, records("a"))).errorCode())
        .isEqualTo(Errors.NONE.code());
  }

  @Test
  void aBatchThatClaimsToBeStampedByTheBrokerIsStoredAsTheClients() {
    var stamped = Batches.stampedByBroker(clock.wallMs(), "a");
    assertThat(only(send(LATEST, ALL, orders, 0, stamped)).errorCode())
        .isEqualTo(Errors.NONE.code());
    var stored = stored(orders, 0).getFirst();
    assertThat(stored.timestampType()).isEqualTo(TimestampType.CREATE_TIME);
    stored.ensureValid();
  }

  private TopicImage topic(String name, TopicConfig config) {
    var topic = images.add(name, 2, config);
    log.open(topic.partition(0));
    log.open(topic.partition(1));
    return topic;
  }

  private static TopicConfig config(
      int maxBytes, boolean logAppendTime, long beforeMaxMs, String codec, boolean compacted) {
    return new TopicConfig(
        maxBytes,
        logAppendTime,
        beforeMaxMs,
        3_600_000,
        codec,
        1,
        new PartitionConfig(-1, -1, -2, -2, compacted, !compacted, 0, -1));
  }

  private MemoryRecords records(String... values) {
    return Batches.records(Compression.NONE, clock.wallMs(), values);
  }

  private FakeRequest send(
      int version, short acks, TopicImage topic, int partition, MemoryRecords records) {
    return send(version, request(acks, topic, partition, records));
  }

  private FakeRequest send(int version, ProduceRequestData data) {
    var request = new FakeRequest(ApiKeys.PRODUCE, version, data, loop, clock);
    handler.handle(request);
    settle();
    return request;
  }

  private FakeRequest begin(
      int version, short acks, TopicImage topic, int partition, MemoryRecords records) {
    var request =
        new FakeRequest(
            ApiKeys.PRODUCE, version, request(acks, topic, partition, records), loop, clock);
    handler.handle(request);
    return request;
  }

  private static ProduceRequestData request(
      short acks, TopicImage topic, int partition, MemoryRecords records) {
    var data = new ProduceRequestData().setAcks(acks).setTimeoutMs(1_000);
    data.topicData()
        .add(
            new TopicProduceData()
                .setName(topic.name())
                .setTopicId(KafkaIds.kafka(topic.id()))
                .setPartitionData(
                    new ArrayList<>(
                        List.of(
                            new PartitionProduceData().setIndex(partition).setRecords(records)))));
    return data;
  }

  private static List<PartitionProduceResponse> partitions(FakeRequest request) {
    return request
        .answer(ProduceResponseData.class)
        .responses()
        .iterator()
        .next()
        .partitionResponses();
  }

  private static PartitionProduceResponse only(FakeRequest request) {
    assertThat(request.answers()).isOne();
    assertThat(partitions(request)).hasSize(1);
    return partitions(request).getFirst();
  }

  private List<MutableRecordBatch> stored(TopicImage topic, int partition) {
    var result = new AtomicReference<ReadResult>();
    log.read(
        new ReadRequest(
            topic.partition(partition),
            0,
            Integer.MAX_VALUE,
            true,
            ReadRequest.UpTo.HIGH_WATERMARK),
        result::set);
    var batches = new ArrayList<MutableRecordBatch>();
    try (var bytes = ((ReadResult.Records) result.get()).bytes()) {
      for (var part : bytes.parts()) {
        MemoryRecords.readableRecords(part.bytes()).batches().forEach(batches::add);
      }
    }
    return batches;
  }

  private void settle() {
    SteppedLane.settle(loop, validationLane, logLane);
  }
}
