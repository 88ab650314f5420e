package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TailRingTest {

  private static final int CHUNK = 4096;

  /** Two chunks in the ring, two more that readers may hold. */
  private final TailRing ring =
      new TailRing(new SegmentConfig(1 << 20, 1, 2 * CHUNK, CHUNK, 2 * CHUNK, 0, 0, 0, 0));

  private long lsn;

  private void put(int size, int value) {
    var memory = ring.reserve(size, lsn);
    assertThat(memory.remaining()).isEqualTo(size);
    while (memory.hasRemaining()) {
      memory.put((byte) value);
    }
    lsn += size;
    ring.publish(lsn);
  }

  private static int value(RingChunk chunk, long at) {
    ByteBuffer slice = chunk.slice(at, 8);
    return slice.get(7);
  }

  @Test
  void whatWasPublishedIsFoundUntilItIsPushedOut() {
    put(3000, 1);
    put(3000, 2);
    var first = ring.retain(0, 3000);
    var second = ring.retain(3000, 3000);
    assertThat(value(first, 8)).isEqualTo(1);
    assertThat(value(second, 3000)).isEqualTo(2);
    assertThat(ring.retain(2000, 2000)).isNull();
    assertThat(ring.retain(6000, 1)).isNull();
    put(3000, 3);
    assertThat(ring.retain(0, 8)).isNull();
    assertThat(value(first, 8)).isEqualTo(1);
    first.release();
    second.release();
    assertThat(ring.startLsn()).isEqualTo(3000);
  }

  @Test
  void whatWasReservedAndNotPublishedIsNotSeen() {
    put(100, 1);
    ring.reserve(100, lsn).put((byte) 9);
    assertThat(ring.retain(100, 1)).isNull();
    put(100, 2);
    var chunk = ring.retain(100, 8);
    assertThat(value(chunk, 100)).isEqualTo(2);
    chunk.release();
  }

  @Test
  void whatAReaderHoldsIsNotUsedAgain() {
    List<RingChunk> held = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      long at = lsn;
      put(CHUNK, i);
      held.add(ring.retain(at, CHUNK));
    }
    assertThat(ring.allocatedBytes()).isEqualTo(4 * CHUNK);
    long unheld = lsn;
    put(CHUNK, 50);
    assertThat(ring.retain(unheld, 8)).isNull();
    for (int i = 0; i < 4; i++) {
      assertThat(value(held.get(i), (long) i * CHUNK)).isEqualTo(i);
    }
    held.forEach(Retained::release);
    long again = lsn;
    put(CHUNK, 60);
    var chunk = ring.retain(again, 8);
    assertThat(value(chunk, again)).isEqualTo(60);
    chunk.release();
    assertThat(ring.allocatedBytes()).isEqualTo(4 * CHUNK);
  }

  @Test
  void aGroupLargerThanAChunkHasOneOfItsOwn() {
    put(100, 1);
    long at = lsn;
    put(2 * CHUNK, 2);
    var chunk = ring.retain(at, 2 * CHUNK);
    assertThat(value(chunk, at + 2 * CHUNK - 8)).isEqualTo(2);
    chunk.release();
    put(100, 3);
    put(CHUNK, 4);
    put(CHUNK, 5);
    assertThat(ring.allocatedBytes()).isLessThanOrEqualTo(4 * CHUNK);
  }
}
