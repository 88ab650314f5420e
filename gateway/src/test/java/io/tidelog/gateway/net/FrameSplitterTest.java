package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.tidelog.gateway.net.FrameSplitter.Outcome;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class FrameSplitterTest {

  private static final int MAX = 100_000;
  private static final int OTHER_MAX = 20_000;
  private static final int UNPROVEN_MAX = 1_000;

  private final RequestMemory memory = new RequestMemory(MAX);
  private boolean startsProduce;
  private final FrameSplitter splitter =
      new FrameSplitter(
          PooledByteBufAllocator.DEFAULT,
          new FrameSplitter.Limits(MAX, OTHER_MAX, UNPROVEN_MAX),
          memory::tryReserve,
          _ -> startsProduce);

  @AfterEach
  void giveEverythingBack() {
    splitter.close();
  }

  @Test
  void aFrameThatLiesWholeInOneReadIsAViewOfIt() {
    var read = buffer(RawClient.framed(new byte[] {1, 2, 3}));

    var frame = frame(splitter.next(read));
    read.setByte(4, 9);

    assertThat(bytes(frame)).containsExactly(9, 2, 3);
    frame.release();
    read.release();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void framesComeOutWholeHoweverTheyAreCut(long seed) {
    var random = new Random(seed);
    var sent = new ArrayList<byte[]>();
    var stream = Unpooled.buffer();
    for (int i = 0; i < 50; i++) {
      var frame = new byte[random.nextInt(UNPROVEN_MAX)];
      random.nextBytes(frame);
      sent.add(frame);
      stream.writeBytes(RawClient.framed(frame));
    }

    var received = new ArrayList<byte[]>();
    while (stream.isReadable()) {
      var read = stream.readBytes(Math.min(1 + random.nextInt(700), stream.readableBytes()));
      while (read.isReadable()) {
        if (splitter.next(read) instanceof Outcome.Frame(ByteBuf frame)) {
          received.add(bytes(frame));
          memory.release(frame.readableBytes());
          frame.release();
        }
      }
      read.release();
    }

    assertThat(received).as("seed " + seed).containsExactlyElementsOf(sent);
    assertThat(memory.usedBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, MAX + 1, Integer.MAX_VALUE})
  void aLengthNoFrameMayHaveIsRefusedBeforeRoomIsMade(int size) {
    splitter.onProven();

    var outcome = splitter.next(Unpooled.buffer().writeInt(size));

    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(memory.usedBytes()).isZero();
  }

  @Test
  void aFirstFrameMayNotBeLarge() {
    var start = Unpooled.buffer().writeInt(UNPROVEN_MAX + 1).writeZero(FrameSplitter.PEEK_BYTES);

    assertThat(splitter.next(start)).isInstanceOf(Outcome.Refused.class);
    assertThat(memory.usedBytes()).isZero();
  }

  @Test
  void aFirstFrameMayBeLargeWhenItStartsLikeAProduce() {
    startsProduce = true;
    var body = new byte[UNPROVEN_MAX + 1];
    new Random(1).nextBytes(body);
    var stream = Unpooled.wrappedBuffer(RawClient.framed(body));

    assertThat(splitter.next(stream.readSlice(9))).isInstanceOf(Outcome.NeedsMore.class);
    assertThat(memory.usedBytes()).isZero();
    var frame = frame(splitter.next(stream));

    assertThat(bytes(frame)).isEqualTo(body);
    frame.release();
  }

  @Test
  void onlyAProduceRequestMayBeVeryLarge() {
    splitter.onProven();

    var atLimit = Unpooled.wrappedBuffer(RawClient.framed(new byte[OTHER_MAX]));
    frame(splitter.next(atLimit)).release();

    var overLimit = Unpooled.wrappedBuffer(RawClient.framed(new byte[OTHER_MAX + 1]));
    assertThat(splitter.next(overLimit)).isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void aLargeFrameGetsOneBufferOfItsSize() {
    splitter.onProven();
    startsProduce = true;
    var stream = Unpooled.wrappedBuffer(RawClient.framed(new byte[MAX]));

    assertThat(splitter.next(stream.readSlice(MAX / 2))).isInstanceOf(Outcome.NeedsMore.class);
    var frame = frame(splitter.next(stream));

    assertThat(frame.capacity()).isEqualTo(MAX);
    frame.release();
  }

  @Test
  void aFrameWaitsUntilTheSharedMemoryHasRoom() {
    assertThat(memory.tryReserve(MAX)).isTrue();
    var stream = buffer(RawClient.framed(new byte[100]));

    assertThat(splitter.next(stream)).isInstanceOf(Outcome.NeedsMemory.class);
    assertThat(splitter.awaitsMemory()).isTrue();
    memory.release(MAX);
    var frame = frame(splitter.next(stream));

    assertThat(splitter.awaitsMemory()).isFalse();
    assertThat(frame.readableBytes()).isEqualTo(100);
    frame.release();
    stream.release();
  }

  @Test
  void anUnfinishedFrameIsGivenUp() {
    var stream = Unpooled.wrappedBuffer(RawClient.framed(new byte[500]));
    assertThat(splitter.next(stream.readSlice(300))).isInstanceOf(Outcome.NeedsMore.class);

    assertThat(splitter.inFrame()).isTrue();
    assertThat(splitter.reservedBytes()).isEqualTo(500);
    splitter.close();

    assertThat(splitter.inFrame()).isFalse();
    assertThat(splitter.reservedBytes()).isZero();
  }

  private static ByteBuf frame(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Frame.class);
    return ((Outcome.Frame) outcome).bytes();
  }

  private static ByteBuf buffer(byte[] bytes) {
    return PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(bytes);
  }

  private static byte[] bytes(ByteBuf frame) {
    var bytes = new byte[frame.readableBytes()];
    frame.getBytes(frame.readerIndex(), bytes);
    return bytes;
  }
}
