package io.tidelog.hot.move;

/**
 * What a move may take.
 *
 * @param closeBytes the partition is closed when no more than this is left to be copied
 * @param askTimeoutNs an answer that has not come by then is asked for again
 * @param retryNs between two tries at the metadata store
 * @param closedNs a move that is not done by then after the partition was closed is given up
 */
public record MoveLimits(long closeBytes, long askTimeoutNs, long retryNs, long closedNs) {}
