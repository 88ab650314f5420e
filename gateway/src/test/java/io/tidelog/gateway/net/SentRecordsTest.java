package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.core.log.RecordBytes;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RecordPayload;
import io.tidelog.gateway.wire.RequestHandler;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Records leave from where they lie, and whoever lent them is told when. */
@ExtendWith(LeakCheck.class)
class SentRecordsTest {

  private static final short VERSION = 12;
  private static final int FILE_BYTES = 3_000_000;

  private final byte[] content = new byte[FILE_BYTES];
  private final AtomicInteger closed = new AtomicInteger();
  private FileChannel channel;

  @TempDir private Path folder;

  @BeforeEach
  void writeTheFile() throws Exception {
    new Random(1).nextBytes(content);
    channel = FileChannel.open(Files.write(folder.resolve("records"), content));
  }

  @AfterEach
  void closeTheFile() throws Exception {
    channel.close();
  }

  @Test
  void recordsFromMemoryAndFromAFileArriveInOrder() throws Exception {
    try (var gateway =
            start(() -> List.of(memory(0, 10), file(10, FILE_BYTES - 20), memory(5, 7)));
        var client = gateway.connect()) {
      var headers = new ArrayList<RequestHeader>();
      for (int i = 0; i < 3; i++) {
        headers.add(client.send(fetch(), i));
      }
      for (var header : headers) {
        var answer = (FetchResponse) client.read(header);
        var partitions = answer.data().responses().getFirst().partitions();
        assertThat(bytes(partitions.get(0))).isEqualTo(expected(0, FILE_BYTES - 10, 5, 7));
        assertThat(bytes(partitions.get(1))).isEmpty();
        assertThat(bytes(partitions.get(2))).isEqualTo(expected(0, FILE_BYTES - 10, 5, 7));
      }
      await().until(() -> closed.get() == 6);
      assertThat(channel.isOpen()).isTrue();
    }
  }

  @Test
  void recordsForAClientThatLeftAreGivenBack() throws Exception {
    try (var gateway = start(() -> List.of(file(0, FILE_BYTES)))) {
      try (var client = gateway.connect()) {
        for (int i = 0; i < 20; i++) {
          client.send(fetch(), i);
        }
      }
      await().until(() -> gateway.listener.openConnections() == 0);
      await().until(() -> gateway.listener.requestBytes() == 0);
      assertThat(closed.get() % 2).isZero();
    }
  }

  @Test
  void aClientThatDoesNotReadGetsNoFurtherAnswersPrepared() throws Exception {
    var answered = new AtomicInteger();
    try (var gateway =
            start(
                () -> {
                  answered.incrementAndGet();
                  return List.of(memory(0, FILE_BYTES));
                });
        var client = gateway.connect()) {
      for (int i = 0; i < 100; i++) {
        client.send(fetch(), i);
      }
      await().until(() -> answered.get() > 0);
      var other = gateway.connect();
      other.readApiVersions(other.sendApiVersions(1));
      other.close();

      assertThat(answered.get()).isLessThan(50);
      for (int i = 0; i < 100; i++) {
        client.readFrame();
      }
    }
    assertThat(closed.get()).isEqualTo(200);
  }

  @Test
  void whoReadsNothingIsClosedWhenMemoryForAnswersIsShort() throws Exception {
    var settings =
        Map.of("tidelog.queued.outbound.bytes", "1024", "tidelog.request.progress.window.ms", "50");
    var handler = new FetchingHandler(() -> List.of(memory(0, FILE_BYTES)));
    try (var gateway = RunningGateway.start(settings, handler);
        var client = gateway.connect();
        var reader = gateway.connect()) {
      for (int i = 0; i < 10; i++) {
        client.send(fetch(), i);
      }
      await().until(() -> gateway.listener.stats().closedForCause() == 1);

      assertThat(reader.readApiVersions(reader.sendApiVersions(1))).isNotNull();
      await().until(() -> gateway.listener.openConnections() == 1);
    }
    assertThat(closed.get() % 2).isZero();
  }

  private RunningGateway start(Supplier<List<RecordBytes.Part>> parts) throws Exception {
    return RunningGateway.start(Map.of(), new FetchingHandler(parts));
  }

  private RecordBytes.Part memory(int from, int length) {
    return new RecordBytes.MemoryPart(
        ByteBuffer.allocateDirect(length).put(content, from, length).flip());
  }

  private RecordBytes.Part file(int from, int length) {
    return new RecordBytes.FilePart(channel, from, ByteBuffer.wrap(content, from, length).slice());
  }

  private byte[] expected(int from, int length, int thenFrom, int thenLength) {
    return ByteBuffer.allocate(length + thenLength)
        .put(content, from, length)
        .put(content, thenFrom, thenLength)
        .array();
  }

  private static byte[] bytes(PartitionData partition) {
    return RawClient.bytes(((MemoryRecords) partition.records()).buffer());
  }

  private static FetchRequest fetch() {
    return FetchRequest.parse(
        new org.apache.kafka.common.protocol.ByteBufferAccessor(
            org.apache.kafka.common.protocol.MessageUtil.toByteBufferAccessor(
                    new FetchRequestData(), VERSION)
                .buffer()),
        VERSION);
  }

  /** Answers each fetch with the same parts in two of three partitions. */
  private final class FetchingHandler implements RequestHandler {

    private final Supplier<List<RecordBytes.Part>> parts;

    FetchingHandler(Supplier<List<RecordBytes.Part>> parts) {
      this.parts = parts;
    }

    @Override
    public ApiKeys api() {
      return ApiKeys.FETCH;
    }

    @Override
    public void handle(ClientRequest request) {
      var topic = new FetchableTopicResponse().setTopic("t");
      topic.partitions().add(partition(0).setRecords(payload(parts.get())));
      topic.partitions().add(partition(1).setRecords(MemoryRecords.EMPTY));
      topic.partitions().add(partition(2).setRecords(payload(parts.get())));
      request.respond(new FetchResponseData().setResponses(List.of(topic)));
    }

    private PartitionData partition(int index) {
      return new PartitionData().setPartitionIndex(index).setHighWatermark(1);
    }

    private RecordPayload payload(List<RecordBytes.Part> of) {
      return new RecordPayload(
          new RecordBytes() {
            @Override
            public int sizeBytes() {
              return of.stream().mapToInt(Part::sizeBytes).sum();
            }

            @Override
            public List<Part> parts() {
              return of;
            }

            @Override
            public void close() {
              closed.incrementAndGet();
            }
          });
    }
  }
}
