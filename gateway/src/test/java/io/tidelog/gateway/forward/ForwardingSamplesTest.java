package io.tidelog.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadResult;
import io.tidelog.gateway.ListenerAddress;
import io.tidelog.gateway.wire.Introduction;
import io.tidelog.testkit.FormatSamples;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.Test;

/** A gateway and a node of neighbouring versions understand one another. */
class ForwardingSamplesTest {

  private static final PartitionId PARTITION = new PartitionId(new UUID(7, 8), 3);
  private static final ReadResult.Cold COLD =
      new ReadResult.Cold(
          // Its configuration is not told, so it is read back as what a gateway assumes.
          snapshot(),
          List.of(
              new ColdReference(
                  new ColdObject(new LogId(new UUID(1, 2)), 5, 0, 4096, "a/ü.tl0", 8000, 100, -9),
                  PARTITION,
                  new OffsetRange(10, 30)),
              new ColdReference(
                  new ColdObject(new LogId(new UUID(1, 2)), 5, 4096, 9000, "b.tl0", 70, 20, 9),
                  PARTITION,
                  new OffsetRange(30, 31))));

  @Test
  void fieldsOfOurOwnAreWrittenAndReadAsEver() throws Exception {
    var client =
        new Introduction(
            new ListenerAddress("OUTSIDE", "tidelog.example", 9092),
            new InetSocketAddress(InetAddress.getByName("10.1.2.3"), 40_000),
            "librdkafka",
            "2.11");
    var request = client.request("cluster", 7, "app");
    var now = new LinkedHashMap<String, byte[]>();
    now.put(
        "introduction",
        bytes(MessageUtil.toByteBufferAccessor(request.body(), request.version()).buffer()));
    now.put("cold-references", ColdReferenceCodec.encode(COLD.at(), COLD.references()));

    var kept = FormatSamples.kept("forwarding-1", now);

    assertThat(now).containsExactlyEntriesOf(kept);
    var sent = ByteBuffer.wrap(Objects.requireNonNull(kept.get("introduction")));
    var read = new ApiVersionsRequestData(new ByteBufferAccessor(sent), request.version());
    assertThat(Introduction.of(read)).isEqualTo(client);
    assertThat(ColdReferenceCodec.decode(PARTITION, kept.get("cold-references"))).isEqualTo(COLD);
  }

  private static PartitionSnapshot snapshot() {
    var assumed = ColdReferenceCodec.ends(PARTITION, 0, 0, 0).config();
    return new PartitionSnapshot(PARTITION, assumed, 1, 20, 31, 50, 51, 52, 53, 4, 0, 0);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    var bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
