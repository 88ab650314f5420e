package io.tidelog.hot.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.DelayGate;
import io.tidelog.core.log.DelayGates;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.replica.MoveConfig;
import io.tidelog.hot.replica.MoveParts;
import io.tidelog.hot.replica.ReplicaConfig;
import io.tidelog.hot.replica.ReplicaTransport;
import io.tidelog.hot.runtime.HotTierConfig;
import io.tidelog.hot.runtime.LogOpener;
import io.tidelog.hot.view.TestBatch;
import io.tidelog.metadata.api.LogRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node by itself: real folders, a registry in memory. */
class HotTierTest {

  private static final LogId LOG = new LogId(new UUID(5, 6));
  private static final UUID DISK = new UUID(7, 8);
  private static final ReplicaId SELF = new ReplicaId(1, DISK);
  private static final PartitionId PARTITION = new PartitionId(new UUID(1, 2), 0);
  private static final ReplicaId OTHER = new ReplicaId(2, new UUID(9, 9));

  static final Clock CLOCK =
      new Clock() {
        @Override
        public long wallMs() {
          return System.currentTimeMillis();
        }

        @Override
        public long monotonicNs() {
          return System.nanoTime();
        }
      };

  private static final DelayGates NOTHING_DELAYED =
      new DelayGates() {
        @Override
        public DelayGate create(long delayMs) {
          throw new AssertionError("nothing is delayed");
        }

        @Override
        public DelayGate restore(ByteBuffer saved) {
          throw new AssertionError("nothing is delayed");
        }
      };

  @TempDir Path folder;

  private final MemoryRegistry registry = new MemoryRegistry();
  private final MemoryMoves moves = new MemoryMoves(registry);
  private final KeeperLane lane = new KeeperLane();
  private HotTier tier;

  @BeforeEach
  void make() {
    tier = tier("cluster");
  }

  private HotTier tier(String clusterId) {
    return new HotTier(
        new HotTier.Parts(
            folder,
            clusterId,
            SELF,
            HotTierConfig.DEFAULT,
            ReplicaConfig.DEFAULT,
            NOTHING_DELAYED,
            ReplicaTransport.NONE,
            registry,
            new MoveParts(moves, MoveConfig.DEFAULT, 1),
            CLOCK,
            lane,
            () -> new Random(3),
            "boot",
            new UUID(1, 1)));
  }

  @AfterEach
  void stop() {
    tier.close().toCompletableFuture().join();
    lane.thread.shutdownNow();
  }

  @Test
  void everyStartLeadsInAHigherTermOnTheSameDisk() {
    registry.put(alone(SELF));
    start();
    long first = awaitLed().term();
    for (int i = 0; i < 3; i++) {
      tier.close().toCompletableFuture().join();
      assertThat(tier.served().led()).isEmpty();
      tier = tier("cluster");
      start();
      long next = awaitLed().term();
      assertThat(next).isGreaterThan(first);
      assertThat(registry.find(LOG).inSync()).containsExactly(SELF);
      first = next;
    }
  }

  @Test
  void whoeverListensIsToldOfEachTermOnce() {
    List<String> told = new CopyOnWriteArrayList<>();
    tier.served()
        .onChange(
            new LedLogs.Listener() {
              @Override
              public void onBegan(LedLog log) {
                told.add("began " + log.term());
              }

              @Override
              public void onEnded(LogId log, long term) {
                told.add("ended " + term);
              }
            });
    registry.put(alone(SELF));
    start();
    long term = awaitLed().term();
    tier.close().toCompletableFuture().join();
    assertThat(told).containsExactly("began " + term, "ended " + term);
  }

  /** Another replica is gone, without which nothing may be committed. */
  @Test
  void appendsAreTakenBeforeTheTermHasBegun() {
    registry.put(alone(SELF));
    start();
    var settings = new PartitionConfig(-1, -1, -2, -2, false, true, 0, -1);
    var spec = new PartitionSpec(PARTITION, 0, settings);
    awaitLed().partitions().open(List.of(spec)).toCompletableFuture().join();
    assertThat(append(0, Acks.ALL)).isEqualTo(new AppendResult.Appended(0, 0));
    tier.close().toCompletableFuture().join();
    var both = List.of(SELF, OTHER);
    registry.put(new LogRecord(LOG, List.of(1, 2), 2, both, List.of(), 2, record().term(), 0));
    tier = tier("cluster");
    start();

    var early =
        await()
            .atMost(Duration.ofSeconds(60))
            .until(
                () -> append(1, Acks.LEADER), answer -> !(answer instanceof AppendResult.Refused));

    assertThat(early).isEqualTo(new AppendResult.Appended(1, 0));
    assertThat(tier.served().led()).isEmpty();
    var led = record();
    registry.put(new LogRecord(LOG, List.of(1), 1, List.of(SELF), List.of(), 1, led.term(), 0));
    assertThat(awaitLed().term()).isEqualTo(led.term());
    assertThat(append(2, Acks.ALL)).isEqualTo(new AppendResult.Appended(2, 0));
  }

  private LogRecord record() {
    return Objects.requireNonNull(registry.find(LOG));
  }

  private AppendResult append(int sequence, Acks acks) {
    var answer = new CompletableFuture<AppendResult>();
    var batch = TestBatch.of(1).recordBytes(100).from(5, 0, sequence);
    tier.served()
        .append(
            List.of(
                new AppendRequest(
                    PARTITION, batch.bytes(), acks, AppendRequest.ANY_OFFSET, answer::complete)));
    return answer.join();
  }

  @Test
  void aLogThatComesLaterIsOpenedAndOneThatOthersHoldIsDeleted() {
    start();
    assertThat(folder).isEmptyDirectory();
    registry.put(alone(SELF));
    awaitLed();
    assertThat(tier.copies()).isEqualTo(new CopyStats(1, 0, 0, 0));
    registry.put(alone(OTHER));
    await().until(() -> !Files.exists(folder.resolve(LOG.toString())));
    assertThat(tier.served().led()).isEmpty();
    await().until(() -> tier.copies().held() == 0);
  }

  @Test
  void aLogThatIsGivenUpHearsOfNothingMore() {
    start();
    int others = registry.listeners();
    registry.put(alone(SELF));
    awaitLed();
    assertThat(registry.listeners()).isEqualTo(others + 1);
    assertThat(moves.listeners()).isOne();
    registry.put(alone(OTHER));
    await().until(() -> tier.copies().held() == 0);
    await().until(() -> registry.listeners() == others && moves.listeners() == 0);
  }

  @Test
  void aFolderLeftFromBeforeIsDeletedAtTheStart() {
    registry.put(alone(SELF));
    start();
    awaitLed();
    tier.close().toCompletableFuture().join();
    registry.put(alone(OTHER));
    tier = tier("cluster");
    start();
    assertThat(folder.resolve(LOG.toString())).doesNotExist();
  }

  /** It may have had everything: another disk id says that it has nothing. */
  @Test
  void aLostFolderOfALogThatWasLedIsNotTakenForTheOneThatWasThere() throws Exception {
    registry.put(alone(SELF));
    start();
    awaitLed();
    tier.close().toCompletableFuture().join();
    Files.move(folder.resolve(LOG.toString()), folder.resolve("away"));
    tier = tier("cluster");
    start();
    await().until(() -> Files.exists(folder.resolve(LOG.toString()).resolve("disk.properties")));
    assertThat(Files.readString(folder.resolve(LOG.toString()).resolve("disk.properties")))
        .doesNotContain(DISK.toString());
    assertThat(registry.find(LOG).inSync()).containsExactly(SELF);
    assertThat(tier.served().led()).isEmpty();
  }

  @Test
  void aDiskThatIsFullOrFailsIsNotTakenForADamagedOne() {
    var full = new Fault.Broken("log cannot be recovered", new IOException("no space left"));
    assertThat(LogOpener.isDamage(new Fault.Broken("log cannot be opened", full))).isFalse();
    assertThat(LogOpener.isDamage(new Fault.Broken("log is damaged"))).isTrue();
  }

  @Test
  void aFolderOfAnotherClusterIsRefusedAndLeftAsItIs() {
    registry.put(alone(SELF));
    start();
    awaitLed();
    tier.close().toCompletableFuture().join();
    tier = tier("other");
    assertThatThrownBy(this::start)
        .hasCauseInstanceOf(Fault.Broken.class)
        .hasMessageContaining("disk.properties is of cluster cluster");
    assertThat(folder.resolve(LOG.toString())).isDirectoryContaining("glob:**.seg");
    assertThat(tier.copies()).isEqualTo(new CopyStats(0, 0, 0, 1));
  }

  private void start() {
    tier.start().toCompletableFuture().join();
  }

  private LedLog awaitLed() {
    await().until(() -> tier.served().led().size() == 1);
    return tier.served().led().iterator().next();
  }

  private static LogRecord alone(ReplicaId only) {
    return new LogRecord(
        LOG, List.of(only.nodeId()), 1, List.of(only), List.of(), LogRecord.NO_LEADER, 0, 0);
  }

  /** One thread that may block. */
  static final class KeeperLane implements Lane {

    final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();

    @Override
    public void execute(Runnable task) {
      thread.execute(task);
    }

    @Override
    public Runnable executeAt(long deadlineNs, Runnable task) {
      var timer = thread.schedule(task, deadlineNs - CLOCK.monotonicNs(), TimeUnit.NANOSECONDS);
      return () -> timer.cancel(false);
    }
  }
}
