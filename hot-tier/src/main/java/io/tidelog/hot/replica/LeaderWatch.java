package io.tidelog.hot.replica;

import java.util.random.RandomGenerator;

/**
 * Says whether the leader is lost: nothing has come from it for a time that is drawn for each
 * leader, its connection has ended, or its clock is too far ahead. Belongs to the log's lane.
 */
final class LeaderWatch {

  private final ReplicaConfig config;
  private final RandomGenerator random;
  private long heardNs;
  private long silenceNs;

  /** The leader's clock is too far ahead, or ours behind: the majority is asked which. */
  private boolean isAhead;

  LeaderWatch(ReplicaConfig config, RandomGenerator random) {
    this.config = config;
    this.random = random;
  }

  /**
   * Watches another leader from now on.
   *
   * @param isAwaited whether there is one, or somebody else who is to become it; else it is lost at
   *     once
   */
  void begin(boolean isAwaited, long nowNs) {
    isAhead = false;
    silenceNs = config.silenceNs() + random.nextLong(config.silenceNs() / 4);
    heardNs = isAwaited ? nowNs : nowNs - silenceNs;
  }

  void onHeard(long nowNs) {
    heardNs = Math.max(heardNs, nowNs);
  }

  /** What it sent is from a time that has not come yet. */
  void onAhead(long nowNs) {
    isAhead = true;
    onLost(nowNs);
  }

  /** What it sent was written here. */
  void onTaken() {
    isAhead = false;
  }

  void onLost(long nowNs) {
    heardNs = Math.min(heardNs, nowNs - silenceNs);
  }

  /** Whether what it says of the time is not believed; then hearing from it counts for nothing. */
  boolean isAhead() {
    return isAhead;
  }

  boolean hasLost(long nowNs) {
    return nowNs - heardNs >= silenceNs;
  }
}
