package io.tidelog.gateway.fetch;

/**
 * What a client wants of one partition.
 *
 * @param maxBytes most bytes of this partition in one answer, but at least one batch when the
 *     answer is empty otherwise (KIP-74)
 * @param currentLeaderEpoch the leader epoch the client knows, −1 when it does not say
 * @param lastFetchedEpoch the leader epoch of the last record it has, −1 when it does not say
 */
public record PartitionFetch(
    FetchKey key, long fetchOffset, int maxBytes, int currentLeaderEpoch, int lastFetchedEpoch) {

  public static final int NO_EPOCH = -1;
}
