package io.tidelog.cold.offload;

import io.tidelog.cold.store.ObjectStore;
import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.core.log.SealedSegmentSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offloads every sealed segment of the logs this node leads, oldest first, one at a time per log. A
 * segment is never given up while this node leads its log: whatever fails, error or bug, is tried
 * again after a while, for ever, and an alarm is raised meanwhile. The source is told of one that
 * cannot be read, so that a node leads that has it whole.
 *
 * <p>State belongs to the lane; opening, uploading and verifying block and run on {@code blocking},
 * which posts back. Only the commit makes an object count.
 */
public final class OffloadRuntime implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OffloadRuntime.class);
  private static final long NS_PER_MS = 1_000_000;

  private final SealedSegmentSource source;
  private final ObjectStore store;
  private final ColdKeys keys;
  private final StoreMatch match;
  private final OffloadConfig config;
  private final Lane lane;
  private final Executor blocking;
  private final Clock clock;
  private final RandomGenerator random;
  private final OffloadCounters counters;
  private final Map<LogId, LogOffload> logs = new HashMap<>();
  private int running;
  private boolean isClosed;

  /**
   * @param blocking runs each task on a thread of its own that may block
   * @param random spreads retries; used on the lane only
   */
  public OffloadRuntime(
      SealedSegmentSource source,
      ObjectStore store,
      ColdKeys keys,
      OffloadConfig config,
      Lane lane,
      Executor blocking,
      Clock clock,
      RandomGenerator random) {
    this.source = source;
    this.store = store;
    this.keys = keys;
    this.match = new StoreMatch(source, store, keys);
    this.config = config;
    this.lane = lane;
    this.blocking = blocking;
    this.clock = clock;
    this.random = random;
    this.counters = new OffloadCounters(source, clock, config);
  }

  public void start() {
    source.onSealed(() -> lane.execute(this::poll));
    lane.execute(this::pollAndComeBack);
  }

  private void pollAndComeBack() {
    if (!isClosed) {
      after(config.pollMs(), this::pollAndComeBack);
      poll();
    }
  }

  private void poll() {
    if (isClosed) {
      return;
    }
    var led = source.logs();
    logs.values().removeIf(log -> log.isIdle() && !led.contains(log.log));
    for (LogId log : led) {
      logs.computeIfAbsent(log, LogOffload::new).onWanted();
    }
    beginReady();
  }

  private void beginReady() {
    for (var log : logs.values()) {
      if (!isClosed && running < config.concurrentUploads() && log.isReady()) {
        begin(log);
      }
    }
  }

  private void begin(LogOffload log) {
    log.onBegun();
    running++;
    supervised(
        log,
        () -> {
          var segment = reading(log, () -> source.nextToOffload(log.log));
          onLane(log, () -> onOpened(log, segment));
        });
  }

  private void onOpened(LogOffload log, @Nullable SealedSegment segment) {
    if (segment == null || isClosed) {
      if (segment != null) {
        segment.close();
      }
      log.onNothing();
      onEnded();
      return;
    }
    var work = log.onOpened(segment, keys, clock.monotonicNs());
    boolean isStoreKnown = log.isStoreKnown();
    counters.onWork(logs.values());
    supervised(
        log,
        () -> {
          try (segment) {
            if (!isStoreKnown) {
              match.requireOrThrow(log.log);
            }
            var task = new OffloadTask(segment, work.key(), store, config.indexIntervalBytes());
            var prepared = reading(log, task::prepare);
            var object = task.upload(prepared);
            onLane(log, () -> commit(log, object));
          }
        });
  }

  /** Of what is damaged here, another node may have a copy that is whole. */
  private <T extends @Nullable Object> T reading(LogOffload log, Supplier<T> read) {
    try {
      return read.get();
    } catch (Fault.Broken damage) {
      source.onUnreadable(log.log, damage);
      throw damage;
    }
  }

  private void commit(LogOffload log, ColdObject object) {
    source
        .commit(object)
        .whenComplete((nothing, failure) -> onLane(log, () -> onCommitted(log, object, failure)));
  }

  private void onCommitted(LogOffload log, ColdObject object, @Nullable Throwable failure) {
    if (failure != null) {
      onFailed(log, unwrapped(failure));
      return;
    }
    log.onCommitted();
    counters.onUploaded(object.sizeBytes(), logs.values());
    onEnded();
  }

  private void onFailed(LogOffload log, Throwable failure) {
    var work = log.work();
    String key = work == null ? "" : work.key();
    if (failure instanceof Fault.Fenced) {
      LOG.info("offload fenced, log={} key={} reason={}", log.log, key, failure.getMessage());
      counters.onFenced();
      log.onFenced();
      retryAfter(config.pollMs(), log);
    } else {
      if (failure instanceof Fault.Broken) {
        log.onObjectRefused(keys);
      }
      long waitMs = log.onFailed(config, random, clock.monotonicNs());
      LOG.warn(
          "offload failed, log={} key={} failures={} retryMs={} reason={}",
          log.log,
          key,
          log.failuresInARow(),
          waitMs,
          failure.toString(),
          isExpected(failure) ? null : failure);
      counters.onFailed(failure, logs.values());
      retryAfter(waitMs, log);
    }
    onEnded();
  }

  /** What stores do on a bad day needs no stack trace. */
  private static boolean isExpected(Throwable failure) {
    return failure instanceof Fault.Retriable || failure instanceof Fault.Uncertain;
  }

  private void retryAfter(long waitMs, LogOffload log) {
    after(
        waitMs,
        () -> {
          log.onWaited();
          beginReady();
        });
  }

  /** A place is free, and perhaps a segment waits for it. */
  private void onEnded() {
    running--;
    counters.onWork(logs.values());
    beginReady();
  }

  private void supervised(LogOffload log, Runnable work) {
    try {
      blocking.execute(
          () -> {
            try {
              work.run();
            } catch (Throwable failure) { // whatever it is, the segment must not be forgotten
              lane.execute(() -> onFailed(log, failure));
            }
          });
    } catch (RuntimeException refused) {
      lane.execute(() -> onFailed(log, refused));
    }
  }

  private void onLane(LogOffload log, Runnable step) {
    lane.execute(
        () -> {
          try {
            step.run();
          } catch (Throwable failure) { // as above
            onFailed(log, failure);
          }
        });
  }

  private void after(long ms, Runnable task) {
    lane.executeAt(clock.monotonicNs() + ms * NS_PER_MS, task);
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** Lane: whether an object is being uploaded or committed here and must not be collected. */
  public boolean isInWork(LogId log, String key) {
    var offload = logs.get(log);
    var work = offload == null ? null : offload.work();
    return work != null && work.key().equals(key);
  }

  /** Any thread. */
  public OffloadStats stats() {
    return counters.stats();
  }

  /** Lets what is being uploaded end; begins nothing more. */
  @Override
  public void close() {
    lane.execute(() -> isClosed = true);
  }
}
