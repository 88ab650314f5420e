package io.tidelog.cold.collect;

import io.tidelog.cold.offload.ColdKeys;
import io.tidelog.cold.offload.OffloadRuntime;
import io.tidelog.cold.offload.StoreMatch;
import io.tidelog.cold.store.ObjectStore;
import io.tidelog.cold.store.StoredObject;
import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.log.SealedSegmentSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the objects of the logs this node leads that no partition needs any more: orphans of
 * uploads that were fenced, what retention and deleted topics have left behind, and the parts of
 * uploads that a process began and did not live to end. Works on the offload lane, which knows what
 * is being uploaded; lists and deletes on {@code blocking}.
 *
 * <p>Never deleted: an object of a term above the one this node leads in (a newer leader's), one in
 * work here, one that is not named as ours, and one younger than the grace.
 */
public final class ObjectCollector implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ObjectCollector.class);
  private static final long NS_PER_MS = 1_000_000;

  /** No upload of ours takes longer; what is older was left behind by a process that died. */
  private static final long LONGEST_UPLOAD_MS = 3_600_000;

  private final SealedSegmentSource source;
  private final ObjectStore store;
  private final ColdKeys keys;
  private final StoreMatch match;
  private final CollectConfig config;
  private final OffloadRuntime offload;
  private final Lane lane;
  private final Executor blocking;
  private final Clock clock;
  private final Map<LogId, Map<String, Long>> watched = new HashMap<>();

  /** Logs whose last pass has not ended: a slow store is not asked the same again meanwhile. */
  private final Set<LogId> inPass = new HashSet<>();

  private volatile CollectStats stats = new CollectStats(0, 0, 0, 0);
  private boolean isClosed;

  /**
   * @param lane the one of {@code offload}
   */
  public ObjectCollector(
      SealedSegmentSource source,
      ObjectStore store,
      ColdKeys keys,
      CollectConfig config,
      OffloadRuntime offload,
      Lane lane,
      Executor blocking,
      Clock clock) {
    this.source = source;
    this.store = store;
    this.keys = keys;
    this.match = new StoreMatch(source, store, keys);
    this.config = config;
    this.offload = offload;
    this.lane = lane;
    this.blocking = blocking;
    this.clock = clock;
  }

  public void start() {
    lane.execute(this::comeBack);
  }

  private void comeBack() {
    lane.executeAt(
        clock.monotonicNs() + config.passIntervalMs() * NS_PER_MS, this::passAndComeBack);
  }

  private void passAndComeBack() {
    if (isClosed) {
      return;
    }
    comeBack();
    var led = source.logs();
    watched.keySet().retainAll(led);
    for (LogId log : led) {
      if (inPass.add(log)) {
        blocking(log, () -> list(log));
      }
    }
  }

  private void list(LogId log) {
    match.requireOrThrow(log);
    var candidates = candidates(log, source.liveObjects(log), source.term(log));
    // Read again after listing: what was committed meanwhile is needed.
    Set<String> live = source.liveObjects(log);
    candidates.removeIf(object -> live.contains(object.key()));
    lane.execute(() -> decide(log, candidates));
  }

  private List<StoredObject> candidates(LogId log, Set<String> live, long term) {
    var candidates = new ArrayList<StoredObject>();
    String startAfter = "";
    boolean hasMore = true;
    while (hasMore && candidates.size() < config.maxCandidates()) {
      var page = store.list(keys.logPrefix(log), startAfter, config.pageObjects());
      for (var object : page.objects()) {
        var objectTerm = keys.term(log, object.key());
        if (objectTerm.isPresent()
            && objectTerm.getAsLong() <= term
            && !live.contains(object.key())) {
          candidates.add(object);
        }
      }
      hasMore = page.hasMore();
      startAfter = hasMore ? page.objects().getLast().key() : startAfter;
    }
    return candidates;
  }

  private void decide(LogId log, List<StoredObject> candidates) {
    if (isClosed || !source.logs().contains(log)) {
      inPass.remove(log);
      return;
    }
    candidates.removeIf(object -> offload.isInWork(log, object.key()));
    var decision =
        CollectPlanner.decide(
            candidates,
            watched.getOrDefault(log, Map.of()),
            clock.monotonicNs(),
            clock.wallMs(),
            config.graceMs());
    watched.put(log, decision.watched());
    blocking(log, () -> delete(log, decision.delete()));
  }

  private void delete(LogId log, List<String> unneeded) {
    if (!unneeded.isEmpty()) {
      store.delete(unneeded);
      LOG.info("objects collected, log={} objects={}", log, unneeded.size());
    }
    long uploadGraceMs = Math.max(config.graceMs(), LONGEST_UPLOAD_MS);
    store.abandonUploads(keys.logPrefix(log), clock.wallMs() - uploadGraceMs);
    lane.execute(() -> onPass(log, unneeded.size()));
  }

  private void onPass(LogId log, int deleted) {
    inPass.remove(log);
    long watchedNow = watched.values().stream().mapToLong(Map::size).sum();
    stats =
        new CollectStats(
            stats.passes() + 1, stats.failedPasses(), stats.deletedObjects() + deleted, watchedNow);
  }

  private void onFailed(LogId log, Throwable failure) {
    inPass.remove(log);
    LOG.warn("collecting objects failed, the next pass tries again, log={}", log, failure);
    stats =
        new CollectStats(
            stats.passes(),
            stats.failedPasses() + 1,
            stats.deletedObjects(),
            stats.watchedObjects());
  }

  private void blocking(LogId log, Runnable work) {
    blocking.execute(
        () -> {
          try {
            work.run();
          } catch (Throwable failure) { // an operator is told, and the next pass comes anyway
            lane.execute(() -> onFailed(log, failure));
          }
        });
  }

  /** Any thread. */
  public CollectStats stats() {
    return stats;
  }

  @Override
  public void close() {
    lane.execute(() -> isClosed = true);
  }
}
