package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.tidelog.gateway.net.FrameSplitter.Outcome;
import io.tidelog.testkit.FuzzRounds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * However a stream of any bytes is cut into reads, it has the frames a plain loop over the whole
 * stream finds, and every byte of memory is given back.
 */
@ExtendWith(LeakCheck.class)
class FrameSplitterFuzzTest {

  private static final int MAX = 300;
  private static final int OTHER_MAX = 200;
  private static final int UNPROVEN_MAX = 100;

  /** Each buffer is followed by the leak detector, which makes a round so much dearer. */
  private static final int LEAK_DETECTION_COST = 10;

  @FuzzTest
  void framesDoNotDependOnTheReads(byte[] input) {
    if (input.length < 2) {
      return;
    }
    int step = 1 + (input[0] & 0x1f);
    var stream = ByteBuffer.wrap(input, 1, input.length - 1).slice();

    assertThat(split(stream.duplicate(), step)).isEqualTo(expected(stream));
  }

  @Test
  void randomStreamsAreSplit() {
    long seed = FuzzRounds.seed();
    var random = new Random(seed);
    for (int i = 0; i < FuzzRounds.count() / LEAK_DETECTION_COST; i++) {
      var stream = ByteBuffer.allocate(1_000);
      stream.put((byte) random.nextInt());
      while (stream.remaining() > 2 * MAX) {
        stream.putInt(random.nextInt(20) == 0 ? random.nextInt() : random.nextInt(MAX));
        stream.position(stream.position() + random.nextInt(MAX));
      }
      try {
        framesDoNotDependOnTheReads(stream.array());
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + " round " + i, e);
      }
    }
  }

  private static List<Integer> split(ByteBuffer stream, int step) {
    var found = new ArrayList<Integer>();
    var memory = new RequestMemory(MAX);
    try (var splitter =
        new FrameSplitter(
            PooledByteBufAllocator.DEFAULT,
            new FrameSplitter.Limits(MAX, OTHER_MAX, UNPROVEN_MAX),
            memory::tryReserve,
            start -> start.get(0) == 0)) {
      boolean refused = false;
      while (stream.hasRemaining() && !refused) {
        int length = Math.min(step, stream.remaining());
        var read = Unpooled.wrappedBuffer(stream.slice(stream.position(), length));
        stream.position(stream.position() + length);
        refused = !takeAll(splitter, read, memory, found);
      }
      memory.release(splitter.reservedBytes());
    }
    assertThat(memory.usedBytes()).isZero();
    return found;
  }

  private static boolean takeAll(
      FrameSplitter splitter, ByteBuf read, RequestMemory memory, List<Integer> found) {
    while (read.isReadable()) {
      switch (splitter.next(read)) {
        case Outcome.Frame(ByteBuf frame) -> {
          found.add(frame.nioBuffer().hashCode());
          memory.release(frame.readableBytes());
          frame.release();
          splitter.onProven();
        }
        case Outcome.NeedsMore _ -> {}
        case Outcome.NeedsMemory _ -> throw new AssertionError("one frame always fits");
        case Outcome.Refused _ -> {
          return false;
        }
      }
    }
    return true;
  }

  private static List<Integer> expected(ByteBuffer stream) {
    var found = new ArrayList<Integer>();
    while (stream.remaining() >= Integer.BYTES) {
      int size = stream.getInt();
      if (size < 0 || size > MAX || size > stream.remaining()) {
        return found;
      }
      int limit = found.isEmpty() ? UNPROVEN_MAX : OTHER_MAX;
      if (size > limit && stream.get(stream.position()) != 0) {
        return found;
      }
      found.add(stream.slice(stream.position(), size).hashCode());
      stream.position(stream.position() + size);
    }
    return found;
  }
}
