package io.tidelog.hot.replica.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class GroupsPoolTest {

  @Test
  void aBufferHasRoomForWhatIsWantedAndNoMore() {
    var pool = new GroupsPool(1 << 20);
    for (int bytes : new int[] {0, 1, 65_535, 65_536, 65_537, 1 << 20, 4 << 20, (4 << 20) + 1}) {
      var buffer = pool.take(bytes);
      assertThat(buffer.position()).isZero();
      assertThat(buffer.remaining()).isEqualTo(bytes);
    }
  }

  @Test
  void whatIsGivenBackIsUsedAgain() {
    var pool = new GroupsPool(1 << 20);
    var buffer = pool.take(100_000);
    buffer.position(50_000);
    pool.giveBack(buffer);
    var again = pool.take(70_000);
    assertThat(again).isSameAs(buffer);
    assertThat(again.remaining()).isEqualTo(70_000);
    assertThat(pool.pooledBytes()).isZero();
  }

  @Test
  void noMoreIsKeptThanIsAllowed() {
    var pool = new GroupsPool(1 << 20);
    for (int i = 0; i < 100; i++) {
      pool.giveBack(ByteBuffer.allocateDirect(1 << 17));
      pool.giveBack(ByteBuffer.allocateDirect(1 << 16));
    }
    assertThat(pool.pooledBytes()).isPositive().isLessThanOrEqualTo(1 << 20);
  }

  @Test
  void whatIsNotOfThePoolIsLeftAlone() {
    var pool = new GroupsPool(1 << 20);
    pool.giveBack(ByteBuffer.allocate(1 << 16));
    pool.giveBack(ByteBuffer.allocateDirect(1 << 15));
    pool.giveBack(ByteBuffer.allocateDirect(100_000));
    pool.giveBack(ByteBuffer.allocateDirect(1 << 16).asReadOnlyBuffer());
    assertThat(pool.pooledBytes()).isZero();
  }
}
