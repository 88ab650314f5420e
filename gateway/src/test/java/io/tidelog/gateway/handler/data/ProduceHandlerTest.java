package io.tidelog.gateway.handler.data;

import static io.tidelog.gateway.handler.data.SteppedProduce.config;
import static io.tidelog.gateway.handler.data.SteppedProduce.only;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.gateway.fake.Batches;
import io.tidelog.gateway.fake.FakeRequest;
import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProduceHandlerTest {

  private static final int LATEST = ApiKeys.PRODUCE.latestVersion();
  private static final short ALL = -1;

  private final SteppedProduce produce = new SteppedProduce();
  private final TopicImage orders = produce.topic("orders", FixedImages.DEFAULTS);

  static IntStream versions() {
    return IntStream.rangeClosed(ApiKeys.PRODUCE.oldestVersion(), LATEST);
  }

  @ParameterizedTest
  @MethodSource("versions")
  void everyVersionGetsItsOffset(int version) {
    produce.send(version, ALL, orders, 0, produce.records("a", "b"));
    var answer = only(produce.send(version, ALL, orders, 0, produce.records("c")));
    assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(answer.baseOffset()).isEqualTo(2);
    assertThat(answer.logAppendTimeMs()).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("versions")
  void everyVersionIsToldOfAnUnknownPartition(int version) {
    var answer = only(produce.send(version, ALL, orders, 9, produce.records("a")));
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
    assertThat(only(produce.send(12, ALL, nowhere, 0, produce.records("a"))).errorCode())
        .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    assertThat(only(produce.send(13, ALL, nowhere, 0, produce.records("a"))).errorCode())
        .isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
  }

  @Test
  void whoeverIsElectedAndCannotBeginSaysThatReplicasAreMissing() {
    var elsewhere = produce.images.add("elsewhere", 1);
    for (var inSync : List.of(1, 2)) {
      for (var leader : List.of(1, 2)) {
        produce.images.showHome(leader, inSync);
        assertThat(
                Errors.forCode(
                    only(produce.send(LATEST, ALL, elsewhere, 0, produce.records("a")))
                        .errorCode()))
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
    produce.send(LATEST, ALL, orders, 0, produce.records("a"));
    var sent = Batches.records(Compression.gzip().build(), produce.clock.wallMs(), "b", "c");
    produce.send(LATEST, ALL, orders, 0, sent);
    var stored = produce.stored(orders, 0).getLast();
    var expected = sent.batches().iterator().next();
    assertThat(stored.checksum()).isEqualTo(expected.checksum());
    assertThat(stored.baseOffset()).isOne();
    assertThat(stored.partitionLeaderEpoch()).isZero();
    assertThat(produce.validationLane.posts()).isZero();
  }

  @Test
  void allIsAnsweredOnlyWhenCommittedAndLeaderWhenWritten() {
    produce.log.holdCommits();
    var all = produce.begin(LATEST, ALL, orders, 0, produce.records("a"));
    var leader = produce.begin(LATEST, (short) 1, orders, 0, produce.records("b"));
    produce.settle();
    assertThat(all.answers()).isZero();
    assertThat(only(leader).baseOffset()).isOne();
    produce.log.commit();
    produce.settle();
    assertThat(only(all).baseOffset()).isZero();
  }

  @Test
  void withoutAcksNothingIsAnswered() {
    var request = produce.send(LATEST, (short) 0, orders, 0, produce.records("a"));
    assertThat(request.answers()).isOne();
    assertThat(request.disconnected()).isNull();
    assertThat(produce.stored(orders, 0)).hasSize(1);
  }

  @Test
  void withoutAcksAFailureClosesTheConnection() {
    var request = produce.send(LATEST, (short) 0, orders, 9, produce.records("a"));
    assertThat(request.disconnected()).contains("UNKNOWN_TOPIC_OR_PARTITION");
  }

  @ParameterizedTest
  @ValueSource(shorts = {-2, 2, 100})
  void otherAcksAreRefusedAndNothingIsWritten(short acks) {
    var answer = only(produce.send(LATEST, acks, orders, 0, produce.records("a")));
    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_REQUIRED_ACKS.code());
    assertThat(produce.stored(orders, 0)).isEmpty();
  }

  @Test
  void internalTopicsAreNotForClients() {
    var offsets = produce.topic("__consumer_offsets", FixedImages.DEFAULTS);
    assertThat(only(produce.send(LATEST, ALL, offsets, 0, produce.records("a"))).errorCode())
        .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION.code());
  }

  @Test
  void transactionsAreRefusedWithAnErrorThatEndsTheProducer() {
    var request = SteppedProduce.request(ALL, orders, 0, Batches.transactional(5, "a"));
    var answer = only(produce.send(LATEST, request.setTransactionalId("tx")));
    assertThat(answer.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
    assertThat(answer.errorMessage()).contains("transactions");
    var without = only(produce.send(LATEST, ALL, orders, 0, Batches.transactional(5, "a")));
    assertThat(without.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
  }

  @Test
  void aDuplicateGetsTheOffsetOfTheOriginal() {
    produce.send(LATEST, ALL, orders, 0, produce.records("a"));
    produce.send(LATEST, ALL, orders, 0, Batches.idempotent(7, 0, "b"));
    var again = only(produce.send(LATEST, ALL, orders, 0, Batches.idempotent(7, 0, "b")));
    assertThat(again.errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(again.baseOffset()).isOne();
    assertThat(produce.stored(orders, 0)).hasSize(2);
  }

  @Test
  void whatTheLogRefusesIsRefusedWithItsMessage() {
    produce.send(LATEST, ALL, orders, 0, Batches.idempotent(7, 0, "b"));
    var answer = only(produce.send(LATEST, ALL, orders, 0, Batches.idempotent(7, 5, "c")));
    assertThat(answer.errorCode()).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code());
    assertThat(answer.errorMessage()).isEqualTo("refused by the log");
  }

  @Test
  void moreThanOneBatchForAPartitionIsRefused() {
    var two = Batches.together(List.of(produce.records("a"), produce.records("b")));
    var answer = only(produce.send(LATEST, ALL, orders, 0, two));
    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_RECORD.code());
  }

  @Test
  void noRecordsAreRefused() {
    assertThat(only(produce.send(LATEST, ALL, orders, 0, null)).errorCode())
        .isEqualTo(Errors.INVALID_RECORD.code());
    assertThat(only(produce.send(LATEST, ALL, orders, 0, MemoryRecords.EMPTY)).errorCode())
        .isEqualTo(Errors.INVALID_RECORD.code());
  }

  @Test
  void aFlippedBitIsFound() {
    var broken = produce.records("abc");
    broken.buffer().put(70, (byte) 99);
    assertThat(only(produce.send(LATEST, ALL, orders, 0, broken)).errorCode())
        .isEqualTo(Errors.CORRUPT_MESSAGE.code());
  }

  @Test
  void whatWouldBeNoBetterTheNextTimeIsNotCalledCorrupt() {
    for (byte magic = 0; magic < 2; magic++) {
      var old = MemoryRecords.withRecords(magic, Compression.NONE, new SimpleRecord(new byte[3]));
      assertThat(only(produce.send(LATEST, ALL, orders, 0, old)).errorCode())
          .isEqualTo(Errors.INVALID_RECORD.code());
    }
    var whole = produce.records("a").buffer();
    for (int bytes : new int[] {5, 30, whole.remaining() - 1}) {
      var cut = MemoryRecords.readableRecords(whole.slice(0, bytes));
      assertThat(only(produce.send(LATEST, ALL, orders, 0, cut)).errorCode())
          .isEqualTo(Errors.INVALID_RECORD.code());
    }
  }

  @Test
  void aBatchThatIsTooLargeIsRefused() {
    var small = produce.topic("small", config(200, false, Long.MAX_VALUE, "producer", false));
    assertThat(
            only(produce.send(LATEST, ALL, small, 0, produce.records("a".repeat(200)))).errorCode())
        .isEqualTo(Errors.MESSAGE_TOO_LARGE.code());
  }

  @Test
  void aSmallBatchOfVeryManyRecordsIsNotLookedInto() {
    var values = new String[SteppedProduce.MAX_EXAMINED + 1];
    Arrays.fill(values, "");
    var stamped =
        produce.topic("stamped", config(1 << 20, true, Long.MAX_VALUE, "producer", false));
    var bomb = Batches.records(Compression.gzip().build(), produce.clock.wallMs(), values);
    assertThat(only(produce.send(LATEST, ALL, stamped, 0, bomb)).errorCode())
        .isEqualTo(Errors.MESSAGE_TOO_LARGE.code());
    assertThat(only(produce.send(LATEST, ALL, orders, 0, bomb)).errorCode())
        .isEqualTo(Errors.NONE.code());
  }

  @Test
  void aRefusalRepeatsNoNameOfTheClient() {
    var name = "x".repeat(30_000);
    var nowhere =
        new TopicImage(
            name, new UUID(7, 7), orders.configs(), false, orders.homes(), orders.effective(), 1);
    assertThat(only(produce.send(12, ALL, nowhere, 0, produce.records("a"))).errorMessage())
        .hasSizeLessThan(100);
  }

  @Test
  void zstdIsRefusedFromClientsThatCannotReadItBack() {
    var zstd = Batches.records(Compression.zstd().build(), produce.clock.wallMs(), "a");
    assertThat(only(produce.send(6, ALL, orders, 0, zstd)).errorCode())
        .isEqualTo(Errors.UNSUPPORTED_COMPRESSION_TYPE.code());
    assertThat(only(produce.send(7, ALL, orders, 0, zstd)).errorCode())
        .isEqualTo(Errors.NONE.code());
  }

  @Test
  void theRequestsOfOneTurnEnterTheLogTogetherAndInOrder() {
    var requests = new ArrayList<FakeRequest>();
    for (int i = 0; i < 5; i++) {
      requests.add(produce.begin(LATEST, ALL, orders, i % 2, produce.records("r" + i)));
    }
    long posts = produce.loop.posts();
    produce.settle();
    assertThat(produce.log.appendCalls()).isOne();
    assertThat(produce.loop.posts()).as("one post for all completions").isEqualTo(posts + 1);
    assertThat(requests)
        .extracting(request -> only(request).baseOffset())
        .containsExactly(0L, 0L, 1L, 1L, 2L);
  }

  @Test
  void eachPartitionOfARequestFailsForItself() {
    var data = SteppedProduce.request(ALL, orders, 0, produce.records("a"));
    data.topicData()
        .iterator()
        .next()
        .partitionData()
        .addAll(
            List.of(
                new PartitionProduceData().setIndex(9).setRecords(produce.records("b")),
                new PartitionProduceData().setIndex(1).setRecords(produce.records("c"))));
    var request = produce.send(LATEST, data);
    assertThat(SteppedProduce.partitions(request))
        .extracting(PartitionProduceResponse::errorCode)
        .containsExactly(
            Errors.NONE.code(), Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), Errors.NONE.code());
  }

  @Test
  void whatIsNotDurableInTimeIsToldSoAndItsMemoryKept() {
    produce.log.holdCommits();
    var request = produce.begin(LATEST, ALL, orders, 0, produce.records("a"));
    produce.settle();
    produce.clock.advanceMs(1_100);
    produce.settle();
    assertThat(only(request).errorCode()).isEqualTo(Errors.REQUEST_TIMED_OUT.code());
    assertThat(request.memoryKept()).isTrue();
    produce.log.commit();
    produce.settle();
    assertThat(request.memoryKept()).isFalse();
    assertThat(request.answers()).isOne();
    assertThat(produce.loop.timers()).isZero();
  }

  @Test
  void aPartitionThatIsNotHereIsToldSo() {
    var closed = produce.images.add("closed", 1);
    var answer = only(produce.send(LATEST, ALL, closed, 0, produce.records("a")));
    assertThat(answer.errorCode()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
  }

  @Test
  void aTopicWithItsOwnCodecIsWrittenAnew() {
    var zipped = produce.topic("zipped", config(1 << 20, false, Long.MAX_VALUE, "lz4", false));
    var answer = only(produce.send(LATEST, ALL, zipped, 0, produce.records("a", "b")));
    assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
    var stored = produce.stored(zipped, 0).getFirst();
    assertThat(stored.compressionType()).isEqualTo(CompressionType.LZ4);
    assertThat(stored.lastOffset()).isOne();
    stored.ensureValid();
  }

  @Test
  void aRecordThatGrowsTooLargeIsRefusedWhereRecordsAreLookedInto() {
    var narrow =
        produce.images.add(
            "narrow",
            1,
            config(1 << 20, true, Long.MAX_VALUE, "producer", false),
            Map.of("max.decompressed.message.bytes", "1000"));
    produce.log.open(narrow.partition(0));
    var bomb =
        Batches.records(Compression.gzip().build(), produce.clock.wallMs(), "a".repeat(100_000));
    var answer = only(produce.send(LATEST, ALL, narrow, 0, bomb));
    assertThat(answer.errorCode()).isNotEqualTo(Errors.NONE.code());
    assertThat(produce.stored(narrow, 0)).isEmpty();
  }

  @Test
  void logAppendTimeIsStampedAndTold() {
    var stamped =
        produce.topic("stamped", config(1 << 20, true, Long.MAX_VALUE, "producer", false));
    var answer =
        only(produce.send(LATEST, ALL, stamped, 0, Batches.records(Compression.NONE, 5, "a", "b")));
    assertThat(answer.logAppendTimeMs()).isEqualTo(produce.clock.wallMs());
    assertThat(produce.stored(stamped, 0).getFirst().maxTimestamp())
        .isEqualTo(produce.clock.wallMs());
    produce.stored(stamped, 0).getFirst().ensureValid();
  }

  @Test
  void theOrderIsKeptOnTheSlowWay() {
    var stamped =
        produce.topic("stamped", config(1 << 20, true, Long.MAX_VALUE, "producer", false));
    var requests = new ArrayList<FakeRequest>();
    for (int i = 0; i < 5; i++) {
      requests.add(produce.begin(LATEST, ALL, stamped, 0, produce.records("r" + i)));
    }
    produce.settle();
    assertThat(requests)
        .extracting(request -> only(request).baseOffset())
        .containsExactly(0L, 1L, 2L, 3L, 4L);
  }

  @Test
  void aRecordFromTheFutureIsNamed() {
    var early = Batches.records(Compression.NONE, produce.clock.wallMs() + 3_600_000, "a", "b");
    var answer = only(produce.send(LATEST, ALL, orders, 0, early));
    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_TIMESTAMP.code());
    assertThat(answer.recordErrors()).extracting(error -> error.batchIndex()).containsExactly(1);
    assertThat(answer.errorMessage()).isNotBlank();
    assertThat(produce.stored(orders, 0)).isEmpty();
  }

  @Test
  void aRecordFromThePastIsRefusedWhereTheTopicSaysSo() {
    var fresh = produce.topic("fresh", config(1 << 20, false, 1_000, "producer", false));
    var old = Batches.records(Compression.NONE, produce.clock.wallMs() - 1_001, "a", "b");
    var answer = only(produce.send(LATEST, ALL, fresh, 0, old));
    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_TIMESTAMP.code());
    assertThat(answer.recordErrors()).extracting(error -> error.batchIndex()).containsExactly(0);
  }

  @Test
  void aCompactedTopicWantsKeys() {
    var compacted =
        produce.topic("compacted", config(1 << 20, false, Long.MAX_VALUE, "producer", true));
    var answer =
        only(
            produce.send(
                LATEST, ALL, compacted, 0, Batches.withoutKeys(produce.clock.wallMs(), "a", "b")));
    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_RECORD.code());
    assertThat(answer.recordErrors()).hasSize(2);
    assertThat(only(produce.send(LATEST, ALL, compacted, 0, produce.records("a"))).errorCode())
        .isEqualTo(Errors.NONE.code());
  }

  @Test
  void aBatchThatClaimsToBeStampedByTheBrokerIsStoredAsTheClients() {
    var stamped = Batches.stampedByBroker(produce.clock.wallMs(), "a");
    assertThat(only(produce.send(LATEST, ALL, orders, 0, stamped)).errorCode())
        .isEqualTo(Errors.NONE.code());
    var stored = produce.stored(orders, 0).getFirst();
    assertThat(stored.timestampType()).isEqualTo(TimestampType.CREATE_TIME);
    stored.ensureValid();
  }
}
