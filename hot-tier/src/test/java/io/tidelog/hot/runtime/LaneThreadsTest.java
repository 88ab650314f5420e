package io.tidelog.hot.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidelog.core.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A lane and its syncs on two threads that take turns. */
@Timeout(60)
final class LaneThreadsTest {

  private static final Clock CLOCK =
      new Clock() {
        @Override
        public long wallMs() {
          return monotonicNs() / 1_000_000;
        }

        @Override
        public long monotonicNs() {
          return System.nanoTime();
        }
      };

  private final List<Throwable> uncaught = new ArrayList<>();
  private final LaneThreads lane = new LaneThreads("lane", CLOCK, uncaught::add);

  @BeforeEach
  void start() {
    lane.start();
  }

  @AfterEach
  void close() throws InterruptedException {
    lane.close();
    lane.join();
  }

  /** Runs a sync that lasts until the latch opens, and reports its end on the lane. */
  private CompletableFuture<Void> syncUntil(CountDownLatch release) {
    var begun = new CompletableFuture<Void>();
    lane.execute(
        () ->
            lane.syncs()
                .execute(
                    () -> {
                      begun.complete(null);
                      awaitQuietly(release);
                    }));
    return begun;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private CompletableFuture<Thread> task() {
    var ran = new CompletableFuture<Thread>();
    lane.execute(() -> ran.complete(Thread.currentThread()));
    return ran;
  }

  @Test
  void aSlowDiskDoesNotHoldUpTheLane() throws Exception {
    var release = new CountDownLatch(1);
    syncUntil(release).get();
    task().get();
    release.countDown();
    task().get();
  }

  @Test
  void aTimerRunsWhileTheDiskIsSlow() throws Exception {
    var release = new CountDownLatch(1);
    syncUntil(release).get();
    var ran = new CompletableFuture<Void>();
    var _ = lane.executeAt(CLOCK.monotonicNs() + 1_000_000, () -> ran.complete(null));
    ran.get();
    release.countDown();
  }

  @Test
  void aTimerSetBeforeASyncRunsDuringIt() throws Exception {
    var release = new CountDownLatch(1);
    var ran = new CompletableFuture<Void>();
    lane.execute(
        () -> {
          var _ = lane.executeAt(CLOCK.monotonicNs() + 20_000_000, () -> ran.complete(null));
          lane.syncs().execute(() -> awaitQuietly(release));
        });
    ran.get();
    release.countDown();
  }

  @Test
  void aCancelledTimerDoesNotRun() throws Exception {
    var ran = new AtomicInteger();
    long soon = CLOCK.monotonicNs() + 5_000_000;
    lane.executeAt(soon, ran::incrementAndGet).run();
    var later = new CompletableFuture<Void>();
    var _ = lane.executeAt(soon + 1, () -> later.complete(null));
    later.get();
    assertEquals(0, ran.get());
  }

  @Test
  void whatATaskThrowsEndsNothing() throws Exception {
    var failure = new AssertionError("planned");
    lane.execute(
        () -> {
          throw failure;
        });
    task().get();
    assertEquals(List.of(failure), uncaught);
  }

  @Test
  void syncsRunOneAfterTheOther() throws Exception {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    var done = new CountDownLatch(100);
    lane.execute(
        () -> {
          for (int i = 0; i < 100; i++) {
            lane.syncs()
                .execute(
                    () -> {
                      most.accumulateAndGet(running.incrementAndGet(), Math::max);
                      lane.execute(() -> {});
                      running.decrementAndGet();
                      done.countDown();
                    });
          }
        });
    assertTrue(done.await(30, TimeUnit.SECONDS));
    assertEquals(1, most.get());
  }

  /** Every poster waits for its task, so that one forgotten wake-up would stop the test. */
  @Test
  void noTaskIsForgottenAndNoTwoRunAtOnceWhileManyPostAndSyncsComeAndGo() throws Exception {
    int posters = 4;
    int tasks = 20_000;
    var lastOf = new int[posters];
    var inLane = new AtomicInteger();
    var faults = new AtomicInteger();
    var syncing = new boolean[1];
    var threads = new ArrayList<Thread>();
    for (int p = 0; p < posters; p++) {
      int poster = p;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 1; i <= tasks; i++) {
                      int number = i;
                      var ran = new CountDownLatch(1);
                      lane.execute(
                          () -> {
                            enter(inLane, faults);
                            if (lastOf[poster] != number - 1) {
                              faults.incrementAndGet();
                            }
                            lastOf[poster] = number;
                            maybeSync(syncing, inLane, faults);
                            inLane.decrementAndGet();
                            ran.countDown();
                          });
                      if (number % 3 == 0) {
                        awaitQuietly(ran);
                      }
                    }
                  }));
    }
    for (var thread : threads) {
      thread.join();
    }
    task().get();
    assertEquals(0, faults.get());
    for (int last : lastOf) {
      assertEquals(tasks, last);
    }
  }

  private static void enter(AtomicInteger inLane, AtomicInteger faults) {
    if (inLane.incrementAndGet() != 1) {
      faults.incrementAndGet();
    }
  }

  private void maybeSync(boolean[] syncing, AtomicInteger inLane, AtomicInteger faults) {
    if (syncing[0]) {
      return;
    }
    syncing[0] = true;
    lane.syncs()
        .execute(
            () ->
                lane.execute(
                    () -> {
                      enter(inLane, faults);
                      syncing[0] = false;
                      inLane.decrementAndGet();
                    }));
  }
}
