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
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;

/** A {@link ProduceHandler} over a log in memory, on lanes that are stepped by hand. */
final class SteppedProduce {

  /** Records of one batch that are looked into. */
  static final int MAX_EXAMINED = 1_000;

  final SteppedClock clock = new SteppedClock();
  final SteppedLane loop = new SteppedLane(clock);
  private final SteppedLane logLane = new SteppedLane(clock);
  final SteppedLane validationLane = new SteppedLane(clock);
  final InMemoryLog log = new InMemoryLog(logLane);
  final FixedImages images = new FixedImages();
  private final ProduceHandler handler =
      new ProduceHandler(
          images,
          log,
          log,
          new ValidationLanes(List.of(validationLane), MAX_EXAMINED, clock),
          clock);

  TopicImage topic(String name, TopicConfig config) {
    var topic = images.add(name, 2, config);
    log.open(topic.partition(0));
    log.open(topic.partition(1));
    return topic;
  }

  static TopicConfig config(
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

  MemoryRecords records(String... values) {
    return Batches.records(Compression.NONE, clock.wallMs(), values);
  }

  FakeRequest send(
      int version, short acks, TopicImage topic, int partition, MemoryRecords records) {
    return send(version, request(acks, topic, partition, records));
  }

  FakeRequest send(int version, ProduceRequestData data) {
    var request = new FakeRequest(ApiKeys.PRODUCE, version, data, loop, clock);
    handler.handle(request);
    settle();
    return request;
  }

  FakeRequest begin(
      int version, short acks, TopicImage topic, int partition, MemoryRecords records) {
    var request =
        new FakeRequest(
            ApiKeys.PRODUCE, version, request(acks, topic, partition, records), loop, clock);
    handler.handle(request);
    return request;
  }

  static ProduceRequestData request(
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

  static List<PartitionProduceResponse> partitions(FakeRequest request) {
    return request
        .answer(ProduceResponseData.class)
        .responses()
        .iterator()
        .next()
        .partitionResponses();
  }

  static PartitionProduceResponse only(FakeRequest request) {
    assertThat(request.answers()).isOne();
    assertThat(partitions(request)).hasSize(1);
    return partitions(request).getFirst();
  }

  List<MutableRecordBatch> stored(TopicImage topic, int partition) {
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

  void settle() {
    SteppedLane.settle(loop, validationLane, logLane);
  }
}
