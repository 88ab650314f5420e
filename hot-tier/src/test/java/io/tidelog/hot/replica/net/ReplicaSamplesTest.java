package io.tidelog.hot.replica.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.testkit.FormatSamples;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Nodes of neighbouring versions understand one another. */
class ReplicaSamplesTest {

  private static final int EACH = 2;

  @Test
  void messagesOfVersionTwoAreWrittenAndReadAsEver() throws Exception {
    var frames = frames();
    var now = new LinkedHashMap<String, byte[]>();
    frames.forEach((name, frame) -> now.put(name, encode(frame)));

    var kept = FormatSamples.kept("replication-2", now);

    assertThat(now).containsExactlyEntriesOf(kept);
    for (var sample : kept.entrySet()) {
      assertThat(ReplicaCodec.decode(ByteBuffer.wrap(sample.getValue())))
          .as(sample.getKey())
          .isEqualTo(frames.get(sample.getKey()));
    }
  }

  /** Of every kind, by a seed that stays. */
  private static Map<String, ReplicaFrame> frames() {
    var messages = new RandomMessages(new Random(4_711));
    var frames = new LinkedHashMap<String, ReplicaFrame>();
    for (int i = 0; i < EACH * ReplicaMessage.class.getPermittedSubclasses().length; i++) {
      var frame = messages.next();
      frames.put(i + "-" + frame.message().getClass().getSimpleName(), frame);
    }
    return frames;
  }

  private static byte[] encode(ReplicaFrame frame) {
    var bytes = ByteBuffer.allocate(ReplicaCodec.sizeBytes(frame.message()));
    ReplicaCodec.encode(frame.log(), frame.message(), bytes);
    return bytes.array();
  }
}
