package io.tidelog.cold.offload;

import io.tidelog.core.LogId;
import io.tidelog.core.log.SealedSegment;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where one log's offload stands: which segment is in work under which key, and when to try again.
 * Memory only; owned by the offload lane.
 */
final class LogOffload {

  /** A segment in work and the key that every try at it uses. */
  record Work(long term, long baseLsn, long endLsn, String key, long sinceNs) {

    boolean isFor(SealedSegment segment) {
      return term == segment.term() && baseLsn == segment.baseLsn() && endLsn == segment.endLsn();
    }
  }

  private static final int MAX_DOUBLINGS = 30;

  final LogId log;
  private @Nullable Work work;
  private boolean isStoreKnown;
  private boolean isWanted;
  private boolean isBusy;
  private boolean isWaiting;
  private int failuresInARow;
  private long failingSinceNs;

  LogOffload(LogId log) {
    this.log = log;
  }

  boolean isIdle() {
    return !isBusy && !isWaiting;
  }

  /** Whether it is idle and a segment may wait. */
  boolean isReady() {
    return isWanted && isIdle();
  }

  /** A segment may wait; asking again is what it takes to know. */
  void onWanted() {
    isWanted = true;
  }

  void onBegun() {
    isBusy = true;
    isWanted = false;
  }

  void onNothing() {
    isBusy = false;
    work = null;
    failuresInARow = 0;
  }

  /** The work that is now done for the segment: what was begun before, or new under a new key. */
  Work onOpened(SealedSegment segment, ColdKeys keys, long nowNs) {
    var current = work;
    if (current == null || !current.isFor(segment)) {
      long sinceNs =
          current != null && current.baseLsn() == segment.baseLsn() ? current.sinceNs() : nowNs;
      current =
          new Work(
              segment.term(),
              segment.baseLsn(),
              segment.endLsn(),
              keys.newKey(log, segment.term(), segment.baseLsn()),
              sinceNs);
      work = current;
    }
    return current;
  }

  void onCommitted() {
    isStoreKnown = true;
    isBusy = false;
    isWanted = true;
    work = null;
    failuresInARow = 0;
  }

  /** The term has moved on: what was uploaded is nobody's and will be collected. */
  void onFenced() {
    isBusy = false;
    isWaiting = true;
    work = null;
  }

  /** The next try is another object: this one is not what it should be. */
  void onObjectRefused(ColdKeys keys) {
    var current = work;
    if (current != null) {
      work =
          new Work(
              current.term(),
              current.baseLsn(),
              current.endLsn(),
              keys.newKey(log, current.term(), current.baseLsn()),
              current.sinceNs());
    }
  }

  /** How long to wait: doubling from the least to the most, less up to half of it by chance. */
  long onFailed(OffloadConfig config, RandomGenerator random, long nowNs) {
    isBusy = false;
    isWaiting = true;
    failingSinceNs = failuresInARow == 0 ? nowNs : failingSinceNs;
    int doublings = Math.min(MAX_DOUBLINGS, failuresInARow++);
    long wait = Math.min(config.maxBackoffMs(), config.minBackoffMs() << doublings);
    return Math.max(1, wait - random.nextLong(wait / 2 + 1));
  }

  void onWaited() {
    isWanted = true;
    isWaiting = false;
  }

  /** Whether this process has put an object of the log into the store. */
  boolean isStoreKnown() {
    return isStoreKnown;
  }

  @Nullable Work work() {
    return work;
  }

  int failuresInARow() {
    return failuresInARow;
  }

  /** When the first of {@link #failuresInARow} happened. */
  long failingSinceNs() {
    return failingSinceNs;
  }
}
