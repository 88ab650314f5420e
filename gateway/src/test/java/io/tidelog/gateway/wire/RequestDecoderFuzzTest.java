package io.tidelog.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.tidelog.testkit.FuzzRounds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

/** Whatever bytes a frame has, it is a request or it is unacceptable; nothing is thrown. */
class RequestDecoderFuzzTest {

  private static final RequestDecoder DECODER =
      new RequestDecoder(EveryRequest.router(), RequestLimits.DEFAULT);

  @FuzzTest
  void anyBytesAreDecodedOrRefused(byte[] bytes) {
    assertThat(DECODER.decode(ByteBuffer.wrap(bytes))).isNotNull();
  }

  @Test
  void damagedRequestsAreDecodedOrRefused() {
    long seed = FuzzRounds.seed();
    var random = new Random(seed);
    var frames = seeds();
    for (int i = 0; i < FuzzRounds.count(); i++) {
      var damaged = damage(frames.get(random.nextInt(frames.size())), random);
      try {
        anyBytesAreDecodedOrRefused(damaged);
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + " round " + i, e);
      }
    }
  }

  private static List<byte[]> seeds() {
    var frames = new ArrayList<byte[]>();
    for (var api : ApiKeys.clientApis()) {
      for (short version : api.allVersions()) {
        if (EveryRequest.router().find(api, version) != null) {
          frames.add(EveryRequest.frame(api, version, api.messageType.newRequest()).array());
        }
      }
    }
    return frames;
  }

  /** Flips, cuts or lengthens behind the API key and version, so that the body is reached. */
  private static byte[] damage(byte[] frame, Random random) {
    int length = Math.max(4, frame.length + random.nextInt(64) - 16);
    var damaged = ByteBuffer.allocate(length);
    damaged.put(frame, 0, Math.min(frame.length, length));
    for (int i = random.nextInt(8); i >= 0; i--) {
      int position = random.nextInt(length);
      if (position >= 4) {
        damaged.put(position, (byte) random.nextInt());
      }
    }
    return damaged.array();
  }
}
