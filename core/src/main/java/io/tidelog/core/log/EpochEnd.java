package io.tidelog.core.log;

/**
 * The largest leader epoch not above the one asked for, and the offset after its last record
 * (KIP-101, KIP-279); both −1 when there is none.
 */
public record EpochEnd(int leaderEpoch, long endOffset) {

  public static final EpochEnd NONE = new EpochEnd(-1, -1);
}
