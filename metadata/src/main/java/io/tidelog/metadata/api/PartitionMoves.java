package io.tidelog.metadata.api;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import java.util.Collection;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The moves of partitions between logs, as the metadata store has them; for the leaders of both
 * logs (docs/decisions/0017-partition-move.md). What is known here is a hint and may be old. Any
 * thread may call it; stages complete and listeners are called on the metadata lane and only post
 * to their own.
 */
public interface PartitionMoves {

  /**
   * The moves known here that leaders are to work on: the oldest ones, as many as {@code
   * tidelog.partition.moves.max} says; the others wait until one is over. {@link #standing} tells
   * of all.
   */
  Collection<PartitionMove> all();

  /** What is known here of one partition. */
  Standing standing(PartitionId partition);

  /**
   * Tells that moves, or homes of partitions that move, may have changed; from now on, until the
   * subscription ends. What has changed is to be looked up.
   */
  Subscription onChange(Runnable listener);

  /** Reads what the store says now; then {@link #standing} is at least as new. */
  CompletionStage<Void> refresh();

  /**
   * One transaction: the partition's home becomes the log it moves to, with a base epoch above all
   * that clients have seen, and the move goes; if the move stands, the home is the log it comes
   * from, and the records of both logs have not changed since the base epoch was reckoned from
   * their terms. Whether it was done is told by {@link #standing} and {@link #onChange}; one that
   * was not is tried again by the caller.
   *
   * @return fails with {@code Uncertain} when it may or may not have been done, or be done yet
   */
  CompletionStage<Void> swapHome(PartitionMove move);

  /** Takes a move back, unless it is over already; fails as {@link #swapHome}. */
  CompletionStage<Void> cancel(PartitionMove move);

  /**
   * What a picture of the cluster shows of one partition.
   *
   * @param revision at which all of this is true
   * @param home the log it lives in, null when there is no such partition
   * @param baseEpoch of its home
   * @param move under way, or null
   */
  record Standing(
      long revision, @Nullable LogId home, int baseEpoch, @Nullable PartitionMove move) {}
}
