package io.tidelog.gateway.fetch;

import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionSnapshot;
import org.jspecify.annotations.Nullable;

/** Compares leader epochs as clients know them with those of the log (KIP-320). */
public final class LeaderEpochs {

  /** What a client says that does not know the epoch, and what it is told when nobody does. */
  public static final int NONE = -1;

  private LeaderEpochs() {}

  /** Why a client that believes in {@code clientEpoch} may not read here, or null. */
  public static @Nullable Refusal check(int clientEpoch, PartitionSnapshot at) {
    if (clientEpoch <= NONE || clientEpoch == at.leaderEpoch()) {
      return null;
    }
    return clientEpoch < at.leaderEpoch()
        ? Refusal.FENCED_LEADER_EPOCH
        : Refusal.UNKNOWN_LEADER_EPOCH;
  }

  /**
   * The leader epoch under which {@code offset} was written, or would be; {@link #NONE} when the
   * log does not remember.
   */
  public static int epochOf(LogReader log, PartitionSnapshot at, long offset) {
    PartitionId partition = at.id();
    int epoch = at.leaderEpoch();
    while (epoch >= 0) {
      var before = log.endOfEpoch(partition, epoch - 1);
      // The end of an epoch is where the next one starts.
      if (before.leaderEpoch() == NONE || before.leaderEpoch() >= epoch) {
        return offset >= at.logStartOffset() ? epoch : NONE;
      }
      if (before.endOffset() <= offset) {
        return epoch;
      }
      epoch = before.leaderEpoch();
    }
    return NONE;
  }
}
