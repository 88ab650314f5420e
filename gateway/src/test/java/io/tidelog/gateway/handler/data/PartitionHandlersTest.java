package io.tidelog.gateway.handler.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.gateway.fake.Batches;
import io.tidelog.gateway.fake.FakeRequest;
import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.gateway.fake.InMemoryLog;
import io.tidelog.gateway.fake.SteppedClock;
import io.tidelog.gateway.fake.SteppedLane;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.TopicConfig;
import io.tidelog.metadata.api.TopicImage;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PartitionHandlersTest {

  private final SteppedClock clock = new SteppedClock();
  private final SteppedLane loop = new SteppedLane(clock);
  private final SteppedLane logLane = new SteppedLane(clock);
  private final InMemoryLog log = new InMemoryLog(logLane);
  private final FixedImages images = new FixedImages();
  private final TopicImage orders = topic("orders", FixedImages.PLAIN);
  private final PartitionDirectory directory = new PartitionDirectory(images);
  private final List<RequestHandler> handlers =
      List.of(
          new OffsetForLeaderEpochHandler(directory, log),
          new DeleteRecordsHandler(directory, log, clock),
          new DescribeProducersHandler(directory, log, clock));

  static IntStream epochVersions() {
    var api = ApiKeys.OFFSET_FOR_LEADER_EPOCH;
    return IntStream.rangeClosed(api.oldestVersion(), api.latestVersion());
  }

  static IntStream deleteVersions() {
    var api = ApiKeys.DELETE_RECORDS;
    return IntStream.rangeClosed(api.oldestVersion(), api.latestVersion());
  }

  @ParameterizedTest
  @MethodSource("epochVersions")
  void anEpochEndsWhereTheNextOneBegan(int version) {
    append(orders, Batches.records(none(), 10, "a", "b"));
    log.nextEpoch(orders.partition(0));
    append(orders, Batches.records(none(), 20, "c"));
    assertThat(epochEnd(version, 0, -1).endOffset()).isEqualTo(2);
    assertThat(epochEnd(version, 0, -1).leaderEpoch()).isZero();
    assertThat(epochEnd(version, 1, 1).endOffset()).isEqualTo(3);
  }

  @Test
  void theEndOfAnEpochIsTheRealOneDueOrNot() {
    append(orders, Batches.records(none(), 10, "a"));
    append(orders, Batches.records(none(), 10, "b"));
    log.limitVisible(orders.partition(0), 1);
    assertThat(epochEnd(4, 0, -1).endOffset()).isEqualTo(2);
  }

  @Test
  void anEpochNobodyHasHeardOfHasNoEnd() {
    append(orders, Batches.records(none(), 10, "a"));
    for (int epoch : new int[] {-1, 1, 99}) {
      var answer = epochEnd(4, epoch, -1);
      assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
      assertThat(answer.endOffset()).isEqualTo(-1);
      assertThat(answer.leaderEpoch()).isEqualTo(-1);
    }
  }

  @Test
  void aClientWithAnOldEpochIsFenced() {
    log.nextEpoch(orders.partition(0));
    assertThat(epochEnd(4, 0, 0).errorCode()).isEqualTo(Errors.FENCED_LEADER_EPOCH.code());
    assertThat(epochEnd(4, 0, 5).errorCode()).isEqualTo(Errors.UNKNOWN_LEADER_EPOCH.code());
  }

  @ParameterizedTest
  @MethodSource("deleteVersions")
  void recordsAreDeletedUpToAnOffset(int version) {
    append(orders, Batches.records(none(), 10, "a", "b", "c"));
    var answer = delete(version, "orders", 2);
    assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(answer.lowWatermark()).isEqualTo(2);
  }

  @Test
  void minusOneDeletesUpToWhatIsVisible() {
    append(orders, Batches.records(none(), 10, "a"));
    append(orders, Batches.records(none(), 10, "b"));
    log.limitVisible(orders.partition(0), 1);
    assertThat(delete(2, "orders", -1).lowWatermark()).isOne();
  }

  @Test
  void nothingIsDeletedBehindTheEnd() {
    append(orders, Batches.records(none(), 10, "a"));
    for (long offset : new long[] {2, -2}) {
      var answer = delete(2, "orders", offset);
      assertThat(answer.errorCode()).isEqualTo(Errors.OFFSET_OUT_OF_RANGE.code());
      assertThat(answer.lowWatermark()).isEqualTo(-1);
    }
  }

  @Test
  void someTopicsAreNotDeletedFrom() {
    topic("compacted", new PartitionConfig(-1, -1, -2, -2, true, false, 0, -1));
    topic("__consumer_offsets", FixedImages.PLAIN);
    assertThat(delete(2, "compacted", 0).errorCode()).isEqualTo(Errors.POLICY_VIOLATION.code());
    assertThat(delete(2, "__consumer_offsets", 0).errorCode())
        .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION.code());
    assertThat(delete(2, "nowhere", 0).errorCode())
        .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
  }

  @Test
  void aTopicThatIsCompactedAndDeletedMayBeDeletedFrom() {
    topic("both", new PartitionConfig(-1, -1, -2, -2, true, true, 0, -1));
    assertThat(delete(2, "both", 0).errorCode()).isEqualTo(Errors.NONE.code());
  }

  @Test
  void theProducersOfAPartitionAreDescribed() {
    append(orders, Batches.idempotent(77, 0, "a"));
    append(orders, Batches.idempotent(77, 1, "b"));
    var answer = producers("orders");
    assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(answer.activeProducers()).hasSize(1);
    var producer = answer.activeProducers().getFirst();
    assertThat(producer.producerId()).isEqualTo(77);
    assertThat(producer.lastSequence()).isOne();
    assertThat(producer.currentTxnStartOffset()).isEqualTo(-1);
  }

  @Test
  void aPartitionThatIsNotThereHasNoProducers() {
    var answer = producers("nowhere");
    assertThat(answer.errorCode()).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    assertThat(answer.errorMessage()).contains("nowhere");
  }

  private EpochEndOffset epochEnd(int version, int epoch, int currentEpoch) {
    var data = new OffsetForLeaderEpochRequestData().setReplicaId(version >= 3 ? -1 : -2);
    data.topics()
        .add(
            new OffsetForLeaderTopic()
                .setTopic("orders")
                .setPartitions(
                    List.of(
                        new OffsetForLeaderPartition()
                            .setPartition(0)
                            .setLeaderEpoch(epoch)
                            .setCurrentLeaderEpoch(currentEpoch))));
    return send(ApiKeys.OFFSET_FOR_LEADER_EPOCH, version, data)
        .answer(OffsetForLeaderEpochResponseData.class)
        .topics()
        .find("orders")
        .partitions()
        .getFirst();
  }

  private DeleteRecordsPartitionResult delete(int version, String topic, long offset) {
    var data =
        new DeleteRecordsRequestData()
            .setTimeoutMs(1_000)
            .setTopics(
                List.of(
                    new DeleteRecordsTopic()
                        .setName(topic)
                        .setPartitions(
                            List.of(
                                new DeleteRecordsPartition()
                                    .setPartitionIndex(0)
                                    .setOffset(offset)))));
    return send(ApiKeys.DELETE_RECORDS, version, data)
        .answer(DeleteRecordsResponseData.class)
        .topics()
        .find(topic)
        .partitions()
        .find(0);
  }

  private PartitionResponse producers(String topic) {
    var data = new DescribeProducersRequestData();
    data.topics().add(new TopicRequest().setName(topic).setPartitionIndexes(List.of(0)));
    return send(ApiKeys.DESCRIBE_PRODUCERS, 0, data)
        .answer(DescribeProducersResponseData.class)
        .topics()
        .getFirst()
        .partitions()
        .getFirst();
  }

  private FakeRequest send(ApiKeys api, int version, ApiMessage data) {
    var request = new FakeRequest(api, version, data, loop, clock);
    handlers.stream()
        .filter(handler -> handler.api() == api)
        .findFirst()
        .orElseThrow()
        .handle(request);
    settle();
    return request;
  }

  private TopicImage topic(String name, PartitionConfig config) {
    var defaults = FixedImages.DEFAULTS;
    var topic =
        images.add(
            name,
            1,
            new TopicConfig(
                defaults.maxMessageBytes(),
                false,
                defaults.timestampBeforeMaxMs(),
                defaults.timestampAfterMaxMs(),
                defaults.compressionType(),
                1,
                config));
    log.open(topic.partition(0), config);
    return topic;
  }

  private void append(TopicImage topic, MemoryRecords records) {
    log.append(
        List.of(
            new AppendRequest(
                topic.partition(0),
                records.buffer(),
                Acks.ALL,
                AppendRequest.ANY_OFFSET,
                _ -> {})));
    settle();
  }

  private static Compression none() {
    return Compression.NONE;
  }

  private void settle() {
    SteppedLane.settle(logLane, loop);
  }
}
