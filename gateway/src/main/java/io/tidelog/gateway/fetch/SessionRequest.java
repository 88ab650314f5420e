package io.tidelog.gateway.fetch;

import java.util.List;

/**
 * The part of a fetch that speaks of sessions (KIP-227).
 *
 * @param sessionId 0 for none
 * @param epoch 0 opens a session, −1 closes one and asks without, else the next one of the session
 * @param byTopicId whether partitions are named by topic id
 * @param partitions all that is wanted, or in a session what is new or changed
 * @param forgotten what the session no longer wants
 */
public record SessionRequest(
    int sessionId,
    int epoch,
    boolean byTopicId,
    List<PartitionFetch> partitions,
    List<FetchKey> forgotten) {

  boolean isFull() {
    return epoch == FetchSession.INITIAL_EPOCH || epoch == FetchSession.FINAL_EPOCH;
  }
}
