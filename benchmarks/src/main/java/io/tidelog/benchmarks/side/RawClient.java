package io.tidelog.benchmarks.side;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * One blocking connection that sends ready-made frames, so that a load costs the client next to
 * nothing.
 */
final class RawClient implements AutoCloseable {

  private static final short PRODUCE_VERSION = 11;
  private static final short FETCH_VERSION = 12;
  private static final String CLIENT_ID = "bench";

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(30));
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
  }

  /** A frame that appends {@code count} records of {@code valueBytes} as one batch, acks=all. */
  static byte[] produceFrame(String topic, int partition, int count, int valueBytes) {
    var records = new SimpleRecord[count];
    for (int i = 0; i < count; i++) {
      var value = new byte[valueBytes];
      for (int j = 0; j < valueBytes; j++) {
        value[j] = (byte) (i * 31 + j);
      }
      records[i] = new SimpleRecord(System.currentTimeMillis(), null, value);
    }
    var data =
        new ProduceRequestData()
            .setAcks((short) -1)
            .setTimeoutMs(10_000)
            .setTopicData(
                new ProduceRequestData.TopicProduceDataCollection(
                    List.of(
                            new ProduceRequestData.TopicProduceData()
                                .setName(topic)
                                .setPartitionData(
                                    List.of(
                                        new ProduceRequestData.PartitionProduceData()
                                            .setIndex(partition)
                                            .setRecords(
                                                MemoryRecords.withRecords(
                                                    Compression.NONE, records)))))
                        .iterator()));
    return frame(new ProduceRequest(data, PRODUCE_VERSION), ApiKeys.PRODUCE, PRODUCE_VERSION);
  }

  /** Sends a produce frame, waits for its answer and returns the base offset. */
  long produce(byte[] frame) throws IOException {
    send(frame);
    var response =
        (ProduceResponse) read(new RequestHeader(ApiKeys.PRODUCE, PRODUCE_VERSION, CLIENT_ID, 1));
    var answer = response.data().responses().iterator().next().partitionResponses().get(0);
    check(answer.errorCode());
    return answer.baseOffset();
  }

  /** Sends without waiting. */
  void send(byte[] frame) throws IOException {
    out.write(frame);
    out.flush();
  }

  /** Reads one answer without looking into it. */
  void skipAnswer() throws IOException {
    in.skipNBytes(in.readInt());
  }

  /** Fetches from {@code offset}; gives the bytes of records and the offset to go on from. */
  Fetched fetch(String topic, int partition, long offset, int maxBytes) throws IOException {
    var data =
        new FetchRequestData()
            .setMaxWaitMs(500)
            .setMinBytes(1)
            .setMaxBytes(maxBytes)
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
    send(frame(new FetchRequest(data, FETCH_VERSION), ApiKeys.FETCH, FETCH_VERSION));
    var response =
        (FetchResponse) read(new RequestHeader(ApiKeys.FETCH, FETCH_VERSION, CLIENT_ID, 1));
    var answer = response.data().responses().get(0).partitions().get(0);
    check(answer.errorCode());
    long next = offset;
    var records = (MemoryRecords) answer.records();
    for (var batch : records.batches()) {
      next = batch.nextOffset();
    }
    return new Fetched(records.validBytes(), next, answer.highWatermark());
  }

  /** What a fetch brought. */
  record Fetched(int bytes, long nextOffset, long highWatermark) {}

  private AbstractResponse read(RequestHeader header) throws IOException {
    var body = new byte[in.readInt()];
    in.readFully(body);
    return AbstractResponse.parseResponse(ByteBuffer.wrap(body), header);
  }

  private static byte[] frame(AbstractRequest request, ApiKeys key, short version) {
    var body = request.serializeWithHeader(new RequestHeader(key, version, CLIENT_ID, 1));
    var frame = ByteBuffer.allocate(Integer.BYTES + body.remaining());
    frame.putInt(body.remaining()).put(body);
    return frame.array();
  }

  private static void check(short code) {
    if (code != 0) {
      throw Errors.forCode(code).exception();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
