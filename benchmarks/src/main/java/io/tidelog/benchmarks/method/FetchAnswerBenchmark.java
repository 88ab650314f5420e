package io.tidelog.benchmarks.method;

import io.tidelog.core.log.RecordBytes;
import io.tidelog.gateway.wire.RecordPayload;
import io.tidelog.gateway.wire.ResponseEncoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.RequestHeader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A fetch answer measured and encoded, its records left where they lie. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FetchAnswerBenchmark {

  private static final short VERSION = 12;
  private static final int BATCH_BYTES = 16 << 10;

  @Param({"1", "100"})
  public int partitions;

  private final RequestHeader header = new RequestHeader(ApiKeys.FETCH, VERSION, "bench", 1);
  private final ByteBuffer head = ByteBuffer.allocateDirect(1 << 20);
  private FetchResponseData answer = new FetchResponseData();

  private record InMemory(ByteBuffer bytes) implements RecordBytes {

    @Override
    public int sizeBytes() {
      return bytes.remaining();
    }

    @Override
    public List<Part> parts() {
      return List.of(new MemoryPart(bytes));
    }

    @Override
    public void close() {}
  }

  @Setup
  public void answerForEachPartition() {
    var batch = Batches.of(1, BATCH_BYTES);
    var data =
        IntStream.range(0, partitions)
            .mapToObj(
                i ->
                    new FetchResponseData.PartitionData()
                        .setPartitionIndex(i)
                        .setHighWatermark(1)
                        .setRecords(new RecordPayload(new InMemory(batch))))
            .toList();
    answer =
        new FetchResponseData()
            .setResponses(
                List.of(
                    new FetchResponseData.FetchableTopicResponse()
                        .setTopic("bench")
                        .setPartitions(data)));
  }

  @Benchmark
  public List<ResponseEncoder.Insertion> encode() {
    var encoder = new ResponseEncoder(header, answer);
    head.clear().limit(encoder.headBytes());
    return encoder.encode(head);
  }
}
