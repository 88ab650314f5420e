package io.tidelog.simulation.cluster;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.simulation.log.SimColdTier;
import io.tidelog.simulation.log.VirtualTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What one process does with the bucket while it leads: uploads sealed segments one after the
 * other, commits them, and collects what nobody needs, by the rules of the cold tier.
 */
final class ClusterOffload {

  private static final long GRACE_NS = 1_000_000_000;

  private final VirtualTime time;
  private final ClusterNode node;
  private final VirtualTime.Life life;
  private final LogId log;
  private final Random random;
  private final SimColdTier bucket;
  private final ClusterMutant mutant;
  private final Map<String, Long> unneededSinceNs = new HashMap<>();
  private @Nullable String inWork;
  private boolean isBusy;

  ClusterOffload(
      VirtualTime time, ClusterNode node, Random random, SimColdTier bucket, ClusterMutant mutant) {
    this.time = time;
    this.node = node;
    this.life = node.life();
    this.log = node.log();
    this.random = random;
    this.bucket = bucket;
    this.mutant = mutant;
  }

  /**
   * Begins to offload the next segment, if there is one.
   *
   * @param failPercent of uploads that fail, half of them after the object is there
   */
  void offload(LogDriver source, int failPercent, Runnable onUploaded) {
    if (isBusy) {
      return;
    }
    SealedSegment segment;
    try {
      segment = source.nextToOffload(log);
    } catch (Fault.Broken damage) {
      onUnreadable(source, damage);
      return;
    } catch (Fault.Retriable e) {
      return; // trimmed meanwhile, or the disk fails: the next round tries again
    }
    if (segment == null) {
      node.onReadable();
      return;
    }
    isBusy = true;
    long uploadMs = random.nextInt(8) == 0 ? random.nextInt(800) : random.nextInt(30);
    time.afterMs(uploadMs, life, () -> upload(source, segment, failPercent, onUploaded));
  }

  private void upload(
      LogDriver source, SealedSegment segment, int failPercent, Runnable onUploaded) {
    boolean isFailed = random.nextInt(100) < failPercent;
    try (segment) {
      boolean isThere = !isFailed || random.nextBoolean();
      String key =
          isThere
              ? bucket.put(segment, mutant != ClusterMutant.DAMAGE_UPLOADED)
              : segment.term() + "-nothing";
      if (isFailed && mutant != ClusterMutant.COLD_COMMIT_BEFORE_UPLOAD) {
        isBusy = false;
        return;
      }
      node.onReadable();
      onUploaded.run();
      inWork = key;
      var object =
          new ColdObject(
              segment.log(), segment.term(), segment.baseLsn(), segment.endLsn(), key, 1, 1, 1);
      var unused = source.commit(object).whenComplete((nothing, failure) -> onCommitted(failure));
    } catch (Fault.Broken damage) {
      isBusy = false;
      onUnreadable(source, damage);
    }
  }

  /** The next round tries again, if this node still leads by then. */
  private void onUnreadable(LogDriver source, Fault.Broken damage) {
    node.onUnreadable(source);
    if (mutant != ClusterMutant.DAMAGE_KEPT) {
      source.onUnreadable(log, damage);
    }
  }

  /** What became of a commit that failed otherwise is not known in this term. */
  private void onCommitted(@Nullable Throwable failure) {
    isBusy = false;
    if (failure == null || failure instanceof Fault.Fenced) {
      inWork = null;
    }
  }

  /** As the collector of the cold tier: what no view needs, of this term and before. */
  void collect(LogDriver source) {
    long term = mutant.collectsBlindly() ? source.term() : source.term(log);
    var live = source.liveObjects(log);
    for (var key : List.copyOf(bucket.keys(log))) {
      if (live.contains(key) || key.equals(inWork) || SimColdTier.termOf(key) > term) {
        unneededSinceNs.remove(key);
      } else if (time.monotonicNs() - unneededSinceNs.computeIfAbsent(key, k -> time.monotonicNs())
          > GRACE_NS) {
        bucket.delete(key);
      }
    }
  }
}
