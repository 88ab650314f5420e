package io.tidelog.hot.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.replica.MoveConfig;
import io.tidelog.hot.replica.MoveParts;
import io.tidelog.hot.replica.ReplicaConfig;
import io.tidelog.hot.replica.net.HostPort;
import io.tidelog.hot.replica.net.ReplicaIdentity;
import io.tidelog.hot.replica.net.ReplicaNetConfig;
import io.tidelog.hot.replica.net.VertxReplicaTransport;
import io.tidelog.hot.runtime.HotTierConfig;
import io.tidelog.hot.view.ListDelayGates;
import io.tidelog.hot.view.TestBatch;
import io.tidelog.metadata.api.LogRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition moves from a log on one node to a log on another one, over TCP. */
class MoveAcrossNodesTest {

  private static final LogId A = new LogId(new UUID(1, 1));
  private static final LogId B = new LogId(new UUID(2, 2));
  private static final PartitionId MOVED = new PartitionId(new UUID(0, 9), 0);
  private static final PartitionConfig PLAIN =
      new PartitionConfig(-1, -1, -2, -2, false, true, 0, -1);
  private static final Map<String, String> SMALL =
      Map.of("tidelog.segment.bytes", "4194304", "tidelog.segment.spares", "0");
  private static final int RECORD_BYTES = 300_000;
  private static final int BATCHES = 12;

  @TempDir Path folder;

  private final MemoryRegistry registry = new MemoryRegistry();
  private final MemoryMoves moves = new MemoryMoves(registry);
  private final Map<Integer, HostPort> addresses = new ConcurrentHashMap<>();

  /** One process. */
  private final class Node implements AutoCloseable {

    private final HotTierTest.KeeperLane lane = new HotTierTest.KeeperLane();
    private final VertxReplicaTransport transport;
    private final HotTier tier;

    Node(int id) {
      transport =
          new VertxReplicaTransport(
              new ReplicaIdentity(new UUID(3, 4), id),
              ReplicaNetConfig.of(Map.of("tidelog.replication.port", "0")),
              addresses::get,
              new Random(id));
      int port = transport.start().toCompletableFuture().join();
      addresses.put(id, new HostPort("127.0.0.1", port));
      tier =
          new HotTier(
              new HotTier.Parts(
                  folder.resolve("node-" + id),
                  "cluster",
                  disk(id),
                  HotTierConfig.of(SMALL),
                  ReplicaConfig.DEFAULT,
                  new ListDelayGates(),
                  transport,
                  registry,
                  new MoveParts(moves, MoveConfig.DEFAULT, id),
                  HotTierTest.CLOCK,
                  lane,
                  () -> new Random(id),
                  "boot",
                  new UUID(id, 1)));
      tier.start().toCompletableFuture().join();
      await().atMost(Duration.ofSeconds(60)).until(() -> tier.served().led().size() == 1);
    }

    ServedLogs served() {
      return tier.served();
    }

    AppendResult append(int sequence) {
      var result = new CompletableFuture<AppendResult>();
      var batch = TestBatch.of(1).recordBytes(RECORD_BYTES).from(5, 0, sequence);
      served()
          .append(
              List.of(
                  new AppendRequest(
                      MOVED, batch.bytes(), Acks.ALL, AppendRequest.ANY_OFFSET, result::complete)));
      return result.join();
    }

    @Override
    public void close() {
      tier.close().toCompletableFuture().join();
      transport.close();
      lane.thread.shutdownNow();
    }
  }

  private static ReplicaId disk(int id) {
    return new ReplicaId(id, new UUID(7, id));
  }

  private void hold(LogId log, int id) {
    registry.put(
        new LogRecord(
            log, List.of(id), 1, List.of(disk(id)), List.of(), LogRecord.NO_LEADER, 0, 0));
  }

  @Test
  void itMovesThereAndBackWithBatchesLargerThanAPartOfAnAnswer() {
    hold(A, 1);
    hold(B, 2);
    try (var one = new Node(1);
        var two = new Node(2)) {
      moves.create(MOVED, A);
      var spec = new PartitionSpec(MOVED, 0, PLAIN);
      one.served()
          .led()
          .iterator()
          .next()
          .partitions()
          .open(List.of(spec))
          .toCompletableFuture()
          .join();
      for (int i = 0; i < BATCHES; i++) {
        assertThat(one.append(i)).isEqualTo(new AppendResult.Appended(i, 0));
      }
      move(B, one, two);
      assertThat(two.append(BATCHES - 1)).isEqualTo(new AppendResult.Appended(BATCHES - 1, 0));
      assertThat(two.append(BATCHES)).isEqualTo(new AppendResult.Appended(BATCHES, 0));
      move(A, two, one);
      assertThat(one.append(BATCHES + 1)).isEqualTo(new AppendResult.Appended(BATCHES + 1, 0));
      assertThat(read(one, 0)).isGreaterThan(RECORD_BYTES);
      assertThat(one.served().stats().movedBytes()).isGreaterThan(BATCHES * RECORD_BYTES);
    }
  }

  private void move(LogId to, Node from, Node there) {
    moves.begin(MOVED, to);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                moves.home(MOVED).equals(to)
                    && there.served().snapshot(MOVED) != null
                    && from.served().snapshot(MOVED) == null);
  }

  private static int read(Node node, long offset) {
    var result = new CompletableFuture<ReadResult>();
    node.served()
        .read(
            new ReadRequest(MOVED, offset, 1, true, ReadRequest.UpTo.HIGH_WATERMARK),
            result::complete);
    assertThat(result.join()).isInstanceOf(ReadResult.Records.class);
    try (var bytes = ((ReadResult.Records) result.join()).bytes()) {
      return bytes.sizeBytes();
    }
  }
}
