package io.tidelog.hot.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.testkit.FormatSamples;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * A segment that a node of the version before has written is read, and written by no other rules.
 */
class FrameSamplesTest {

  private static final LogId LOG = new LogId(new UUID(11, 22));
  private static final long LSN = 4096;

  @Test
  void framesOfLevelTwoAreWrittenAndReadAsEver() throws Exception {
    assertThat(FrameFormat.LEVEL).as("a new level gets samples of its own").isEqualTo(2);
    var frames = frames();
    var now = new LinkedHashMap<String, byte[]>();
    frames.forEach((name, frame) -> now.put(name, encode(frame)));

    var kept = FormatSamples.kept("segment-log-2", now);

    assertThat(now).containsExactlyEntriesOf(kept);
    kept.forEach(
        (name, bytes) ->
            assertThat(new FrameScanner(LOG).next(ByteBuffer.wrap(bytes), LSN))
                .as(name)
                .isEqualTo(new ScanOutcome.Found(frames.get(name), LSN, bytes.length)));
  }

  private static Map<String, Frame> frames() {
    var frames = new LinkedHashMap<String, Frame>();
    for (var frame : FrameCodecTest.frames()) {
      frames.put(frames.size() + "-" + frame.getClass().getSimpleName(), frame);
    }
    return frames;
  }

  private static byte[] encode(Frame frame) {
    var bytes = ByteBuffer.allocate(FrameCodec.sizeOf(frame));
    new FrameCodec(LOG).encode(frame, bytes, LSN);
    return bytes.array();
  }
}
