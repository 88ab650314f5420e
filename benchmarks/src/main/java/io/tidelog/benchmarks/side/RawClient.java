package io.tidelog.benchmarks.side;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * One blocking connection that sends ready-made frames, so that a load costs the client next to
 * nothing. One thread may send while another reads answers.
 */
final class RawClient implements AutoCloseable {

  private static final int BUFFER_BYTES = 8192;
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(5);
  private static final long RETRY_NS = Duration.ofMillis(2).toNanos();

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private byte[] answer = new byte[BUFFER_BYTES];

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) ANSWER_TIMEOUT.toMillis());
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
    out = socket.getOutputStream();
  }

  /** Connects to a server that is starting, as soon as it listens. */
  static RawClient await(ServerProcess server, Duration timeout) {
    long end = System.nanoTime() + timeout.toNanos();
    while (server.isRunning() && System.nanoTime() < end) {
      try {
        return new RawClient(server.port());
      } catch (IOException notYet) {
        LockSupport.parkNanos(RETRY_NS);
      }
    }
    throw new IllegalStateException("the server ended or did not listen in time");
  }

  /** Creates topics and waits for the answer. */
  void createTopics(List<String> names, int partitions, Map<String, String> settings)
      throws IOException {
    send(Requests.createTopics(names, partitions, settings));
    var response =
        (CreateTopicsResponse) parse(ApiKeys.CREATE_TOPICS, Requests.CREATE_VERSION, readAnswer());
    for (var topic : response.data().topics()) {
      if (topic.errorCode() != 0) {
        throw Errors.forCode(topic.errorCode()).exception(topic.errorMessage());
      }
    }
  }

  /** Sends without waiting. */
  void send(byte[] frame) throws IOException {
    out.write(frame);
  }

  /**
   * Waits for one answer to a produce request and returns its base offset.
   *
   * @param errorCodeAt as {@link Requests#errorCodeAt} has it
   */
  long awaitProduced(int errorCodeAt) throws IOException {
    var produced = readAnswer();
    check(produced.getShort(errorCodeAt));
    return produced.getLong(errorCodeAt + Short.BYTES);
  }

  /** Appends and returns the base offset. */
  long produce(String topic, byte[] frame) throws IOException {
    send(frame);
    return awaitProduced(Requests.errorCodeAt(topic));
  }

  /** Appends, again and again while the server says that it cannot yet. */
  long produceAtLast(String topic, byte[] frame) throws IOException {
    while (true) {
      try {
        return produce(topic, frame);
      } catch (ApiException notYet) {
        LockSupport.parkNanos(RETRY_NS);
      }
    }
  }

  /** Fetches from {@code offset} on. */
  Fetched fetch(String topic, int partition, long offset, int maxBytes) throws IOException {
    send(Requests.fetch(topic, partition, offset, maxBytes));
    var response = (FetchResponse) parse(ApiKeys.FETCH, Requests.FETCH_VERSION, readAnswer());
    var fetched = response.data().responses().getFirst().partitions().getFirst();
    check(fetched.errorCode());
    return new Fetched((MemoryRecords) fetched.records(), fetched.highWatermark());
  }

  /** Records of one partition; their memory is good until the next call of the client. */
  record Fetched(MemoryRecords records, long highWatermark) {

    int bytes() {
      return records.sizeInBytes();
    }

    /** The offset to go on from, which was {@code offset} before. */
    long nextOffset(long offset) {
      long next = offset;
      for (var batch : records.batches()) {
        next = batch.nextOffset();
      }
      return next;
    }
  }

  private ByteBuffer readAnswer() throws IOException {
    int size = in.readInt();
    if (size > answer.length) {
      answer = new byte[size];
    }
    in.readFully(answer, 0, size);
    return ByteBuffer.wrap(answer, 0, size);
  }

  private static AbstractResponse parse(ApiKeys key, short version, ByteBuffer answer) {
    return AbstractResponse.parseResponse(answer, Requests.header(key, version));
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
