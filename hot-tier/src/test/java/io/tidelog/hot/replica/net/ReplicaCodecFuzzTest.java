package io.tidelog.hot.replica.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.tidelog.testkit.FuzzRounds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Any bytes are a message, which is encoded to the same bytes again, or a {@link
 * BadFrameException}; and however a stream is cut into reads, it has the same messages.
 *
 * <p>An input is turned into frames with right sizes and checksums: a fuzzer would else never get
 * past them.
 */
class ReplicaCodecFuzzTest {

  private static final int MAX_BODY_BYTES = 400;

  @FuzzTest
  void anyBytesAreAMessageOrRefused(byte[] input) {
    if (input.length < 4) {
      return;
    }
    var in = ByteBuffer.wrap(input);
    int step = 1 + Byte.toUnsignedInt(in.get());
    boolean isRaw = in.get() == 0;
    var stream = isRaw ? in.slice() : frames(in);

    var whole = messages(stream.duplicate(), stream.remaining());
    assertThat(messages(stream.duplicate(), step)).isEqualTo(whole);

    int position = 0;
    for (var frame : whole) {
      var again = ReplicaCodecTest.encoded(frame);
      assertThat(again).isEqualTo(stream.slice(position, again.remaining()));
      position += again.remaining();
    }
  }

  @Test
  void randomBytesAreMessagesOrRefused() {
    long seed = FuzzRounds.seed();
    var random = new Random(seed);
    for (int i = 0; i < FuzzRounds.count(); i++) {
      var input = new byte[random.nextInt(1_000)];
      random.nextBytes(input);
      for (int at = 2; at < input.length; at += 1 + random.nextInt(90)) {
        input[at] = (byte) random.nextInt(16);
      }
      try {
        anyBytesAreAMessageOrRefused(input);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + " round " + i, e);
      }
    }
  }

  @Test
  void messagesAreFoundHoweverTheStreamIsCut() {
    long seed = FuzzRounds.seed();
    var random = new Random(seed);
    var messages = new RandomMessages(random);
    for (int i = 0; i < 50; i++) {
      var sent = new ArrayList<ReplicaFrame>();
      var stream = ByteBuffer.allocate(1 << 18);
      for (int n = 0; n < 30; n++) {
        sent.add(messages.next());
        stream.put(ReplicaCodecTest.encoded(sent.getLast()));
      }
      assertThat(messages(stream.flip(), 1 + random.nextInt(5_000)))
          .as("seed %d round %d", seed, i)
          .isEqualTo(sent);
    }
  }

  /** Each a byte of type, a byte of size, and a body of it. */
  private static ByteBuffer frames(ByteBuffer in) {
    var out = ByteBuffer.allocate(in.remaining() * 30 + MAX_BODY_BYTES);
    while (in.remaining() > 2) {
      int start = out.position();
      byte type = in.get();
      int body = Math.min(Byte.toUnsignedInt(in.get()), in.remaining());
      out.putInt(ReplicaFormat.HEAD_BYTES - Integer.BYTES + body).putInt(0);
      byte version = (byte) (type < ReplicaFormat.Type.MOVE_ASK.code() ? 1 : 2);
      out.put(version).put(type).putShort((short) 0);
      out.putLong(1).putLong(2).put(in.slice(in.position(), body));
      in.position(in.position() + body);
      int checked = ReplicaFormat.HEAD_BYTES + body;
      if (type == ReplicaFormat.Type.APPEND.code()) {
        checked = Math.min(checked, ReplicaFormat.APPEND_HEAD_BYTES);
      }
      out.putInt(start + ReplicaFormat.CRC_POSITION, ReplicaCodec.crc(out, start, checked));
    }
    return out.flip();
  }

  /** Up to the first that is none. */
  private static List<ReplicaFrame> messages(ByteBuffer stream, int step) {
    var found = new ArrayList<ReplicaFrame>();
    var reader = new FrameReader(GroupsPool.NONE, _ -> true);
    try {
      while (stream.hasRemaining()) {
        int bytes = Math.min(step, stream.remaining());
        var read = stream.slice(stream.position(), bytes);
        stream.position(stream.position() + bytes);
        while (read.hasRemaining()) {
          @Nullable ReplicaFrame frame = reader.next(read);
          if (frame != null) {
            found.add(frame);
          }
        }
      }
    } catch (BadFrameException _) {
      return found;
    }
    return found;
  }
}
