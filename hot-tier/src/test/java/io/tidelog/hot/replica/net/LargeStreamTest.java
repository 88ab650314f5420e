package io.tidelog.hot.replica.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.ReplicaMessage.Acknowledged;
import io.tidelog.hot.replica.ReplicaMessage.Append;
import io.tidelog.hot.replica.ReplicaTransport;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A stream as replicas have it: a window of bytes, acknowledged as they come. */
@ExtendWith(LeakCheck.class)
class LargeStreamTest {

  private static final long STREAM_BYTES = 1L << 30;
  private static final int WINDOW_BYTES = 16 << 20;
  private static final int MAX_CHUNK_BYTES = 1 << 20;
  private static final ReplicaId FOLLOWER = new ReplicaId(2, new UUID(5, 5));

  /** Checks that appends follow one another, sums their bytes and acknowledges them. */
  private static final class Follower implements ReplicaTransport.Listener {
    private final VertxReplicaTransport transport;
    private final CRC32C crc = new CRC32C();
    private final CompletableFuture<Long> whole = new CompletableFuture<>();
    private long endLsn;

    Follower(VertxReplicaTransport transport) {
      this.transport = transport;
    }

    @Override
    public void onMessage(int fromNodeId, ReplicaMessage message) {
      var append = (Append) message;
      if (append.lsn() != endLsn) {
        whole.completeExceptionally(new AssertionError(append.lsn() + " follows " + endLsn));
        return;
      }
      endLsn += append.groups().remaining();
      crc.update(append.groups());
      transport.giveBack(append.groups());
      transport.send(TestNode.LOG, 1, new Acknowledged(1, 1, FOLLOWER, endLsn, endLsn, 0));
      if (endLsn == STREAM_BYTES) {
        whole.complete(crc.getValue());
      }
    }

    @Override
    public void onDisconnected(int nodeId) {
      whole.completeExceptionally(new AssertionError("disconnected from " + nodeId));
    }
  }

  /** Gives the window back as the follower acknowledges. */
  private static final class Window implements ReplicaTransport.Listener {
    private final Semaphore bytes = new Semaphore(WINDOW_BYTES);
    private long acknowledged;

    @Override
    public void onMessage(int fromNodeId, ReplicaMessage message) {
      long written = ((Acknowledged) message).writtenLsn();
      bytes.release((int) (written - acknowledged));
      acknowledged = written;
    }

    @Override
    public void onDisconnected(int nodeId) {}
  }

  @Test
  @Timeout(120)
  void aGibibyteArrivesWholeAndInOrder() throws Exception {
    var source = ByteBuffer.allocateDirect(2 * MAX_CHUNK_BYTES);
    source.put(VertxReplicaTransportTest.random(1, source.capacity())).flip();
    var random = new Random(2);
    try (var leader = TestNode.start(1);
        var node = TestNode.start(2)) {
      TestNode.introduce(leader, node);
      var follower = new Follower(node.transport);
      var window = new Window();
      node.transport.listen(TestNode.LOG, follower);
      leader.transport.listen(TestNode.LOG, window);
      var crc = new CRC32C();
      long lsn = 0;
      while (lsn < STREAM_BYTES) {
        // The first waits for the connection, and has to be small for that.
        int most = lsn == 0 ? 1_000 : MAX_CHUNK_BYTES;
        int size = (int) Math.min(1 + random.nextInt(most), STREAM_BYTES - lsn);
        var chunk = source.slice(random.nextInt(MAX_CHUNK_BYTES), size);
        crc.update(chunk.duplicate());
        assertThat(window.bytes.tryAcquire(size, 30, TimeUnit.SECONDS)).isTrue();
        leader.transport.send(
            TestNode.LOG, 2, VertxReplicaTransportTest.append(lsn), TestGroups.ofMemory(chunk));
        lsn += size;
        if (lsn == size) {
          assertThat(window.bytes.tryAcquire(WINDOW_BYTES, 30, TimeUnit.SECONDS)).isTrue();
          window.bytes.release(WINDOW_BYTES);
        }
      }
      assertThat(follower.whole.get(60, TimeUnit.SECONDS)).isEqualTo(crc.getValue());
    }
  }
}
