package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.LogId;
import io.tidelog.core.log.DelayGates;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.segment.CopyStanding;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** The one replica of a log, which leads it from the first to the last, term by term. */
public final class SoleReplica {

  private final LogDriver driver;
  private final LogDriver.Threads threads;

  /** What its log lies in and is served with. */
  public record Parts(
      LogDisk disk, LogId log, HotTierConfig config, DelayGates gates, Clock clock) {}

  private SoleReplica(LogDriver driver, LogDriver.Threads threads) {
    this.driver = driver;
    this.threads = threads;
  }

  /** Recovers the log, or begins it; the term begins with {@link #start}. Blocking. */
  public static SoleReplica open(Parts parts, LogDriver.Threads threads, UUID incarnation) {
    var replica =
        LogOpener.openReplica(
            new LogOpener.ReplicaParts(
                parts.disk(),
                parts.log(),
                parts.config(),
                parts.gates(),
                parts.clock(),
                new LocalSpace(parts.config().limits().localMaxBytes()),
                CopyStanding.COUNTED),
            threads);
    var leadership = new Leadership(replica.lastTerm() + 1, incarnation);
    return new SoleReplica(replica.lead(leadership), threads);
  }

  public LogDriver driver() {
    return driver;
  }

  /** Begins the term; there is nobody to wait for. */
  public CompletionStage<Void> start() {
    driver.serveUntil(Long.MAX_VALUE);
    var started = driver.start();
    threads
        .lane()
        .execute(
            () -> {
              driver.onProven(Long.MAX_VALUE);
              driver.onReplicas(Long.MAX_VALUE);
            });
    return started;
  }
}
