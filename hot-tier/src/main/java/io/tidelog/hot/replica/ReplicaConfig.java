package io.tidelog.hot.replica;

/**
 * Times and limits of replication; times on the monotonic clock.
 *
 * @param heartbeatNs how often a leader shows that it is there
 * @param silenceNs after so long without a word a follower asks whether others hear the leader
 * @param lagNs a member that acknowledged nothing sent within this leaves the in-sync set
 * @param lostNs a member whose connection ended leaves it, unless it was heard of within this
 * @param authorityNs a leader that heard from every member within this may serve reads
 * @param roundNs how long answers to a probe are waited for
 * @param retryNs between two attempts of anything
 * @param proposalNs after so long without an answer it is looked what became of a proposal
 * @param windowBytes sent to a follower and not acknowledged
 * @param chunkBytes sent at once
 * @param lagBytes a member that is further behind leaves the in-sync set
 */
public record ReplicaConfig(
    long heartbeatNs,
    long silenceNs,
    long lagNs,
    long lostNs,
    long authorityNs,
    long roundNs,
    long retryNs,
    long proposalNs,
    long windowBytes,
    int chunkBytes,
    long lagBytes) {

  private static final long MS = 1_000_000;
  private static final int TICKS_A_HEARTBEAT = 6;

  public static final ReplicaConfig DEFAULT =
      new ReplicaConfig(
          150 * MS,
          1_000 * MS,
          1_500 * MS,
          250 * MS,
          2_000 * MS,
          200 * MS,
          200 * MS,
          1_000 * MS,
          16L << 20,
          1 << 20,
          256L << 20);

  /** How often the machine looks at the time. */
  public long tickNs() {
    return heartbeatNs / TICKS_A_HEARTBEAT;
  }

  public ReplicaConfig {
    if (heartbeatNs <= 0
        || silenceNs <= 2 * heartbeatNs
        || lagNs <= 2 * heartbeatNs
        || lostNs <= 0
        || authorityNs <= lagNs
        || proposalNs <= 0
        || chunkBytes <= 0
        || windowBytes < chunkBytes) {
      throw new IllegalArgumentException("replication limits contradict one another");
    }
  }
}
