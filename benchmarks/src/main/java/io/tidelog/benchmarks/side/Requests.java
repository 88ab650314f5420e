package io.tidelog.benchmarks.side;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfigCollection;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;

/** Frames of requests, made once and sent as often as wanted. */
final class Requests {

  static final short PRODUCE_VERSION = 11;
  static final short FETCH_VERSION = 12;
  static final short CREATE_VERSION = 7;

  private static final String CLIENT_ID = "bench";
  private static final int TIMEOUT_MS = 300_000;
  private static final int LONG_POLL_MS = 500;

  private Requests() {}

  /** What a produce request appends: {@code records} of so many bytes each, as one batch. */
  record Batch(int records, int valueBytes) {}

  /** A frame that appends a batch with acks=all. */
  static byte[] produce(String topic, int partition, Batch batch) {
    long nowMs = System.currentTimeMillis();
    var records =
        IntStream.range(0, batch.records())
            .mapToObj(i -> new SimpleRecord(nowMs, null, value(i, batch.valueBytes())))
            .toArray(SimpleRecord[]::new);
    var partitionData =
        new ProduceRequestData.PartitionProduceData()
            .setIndex(partition)
            .setRecords(MemoryRecords.withRecords(Compression.NONE, records));
    var topicData =
        new ProduceRequestData.TopicProduceData()
            .setName(topic)
            .setPartitionData(List.of(partitionData));
    var data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(TIMEOUT_MS);
    data.topicData().add(topicData);
    return frame(new ProduceRequest(data, PRODUCE_VERSION), ApiKeys.PRODUCE, PRODUCE_VERSION);
  }

  private static byte[] value(int number, int bytes) {
    var value = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      value[i] = (byte) (number * 31 + i);
    }
    return value;
  }

  /** Where a produce answer for one partition of {@code topic} has its error code. */
  static int errorCodeAt(String topic) {
    int header = Integer.BYTES + 1;
    int responses = 1;
    int name = 1 + topic.length();
    int partitions = 1;
    return header + responses + name + partitions + Integer.BYTES;
  }

  /** A frame that asks for records of one partition, without a fetch session. */
  static byte[] fetch(String topic, int partition, long offset, int maxBytes) {
    var data =
        new FetchRequestData()
            .setMaxWaitMs(LONG_POLL_MS)
            .setMinBytes(1)
            .setMaxBytes(Math.max(maxBytes, 50 << 20))
            .setTopics(
                List.of(
                    new FetchRequestData.FetchTopic()
                        .setTopic(topic)
                        .setPartitions(
                            List.of(
                                new FetchRequestData.FetchPartition()
                                    .setPartition(partition)
                                    .setFetchOffset(offset)
                                    .setPartitionMaxBytes(maxBytes)))));
    return frame(new FetchRequest(data, FETCH_VERSION), ApiKeys.FETCH, FETCH_VERSION);
  }

  /** A frame that creates topics of one replica. */
  static byte[] createTopics(List<String> names, int partitions, Map<String, String> settings) {
    var topics = new CreatableTopicCollection();
    for (var name : names) {
      var configs = new CreatableTopicConfigCollection();
      settings.forEach(
          (key, value) -> configs.add(new CreatableTopicConfig().setName(key).setValue(value)));
      topics.add(
          new CreatableTopic()
              .setName(name)
              .setNumPartitions(partitions)
              .setReplicationFactor((short) 1)
              .setConfigs(configs));
    }
    var data = new CreateTopicsRequestData().setTopics(topics).setTimeoutMs(TIMEOUT_MS);
    return frame(
        new CreateTopicsRequest.Builder(data).build(CREATE_VERSION),
        ApiKeys.CREATE_TOPICS,
        CREATE_VERSION);
  }

  static RequestHeader header(ApiKeys key, short version) {
    return new RequestHeader(key, version, CLIENT_ID, 1);
  }

  private static byte[] frame(AbstractRequest request, ApiKeys key, short version) {
    var body = request.serializeWithHeader(header(key, version));
    var frame = ByteBuffer.allocate(Integer.BYTES + body.remaining());
    frame.putInt(body.remaining()).put(body);
    return frame.array();
  }
}
