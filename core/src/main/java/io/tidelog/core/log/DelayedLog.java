package io.tidelog.core.log;

import io.tidelog.core.PartitionId;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Records that wait in a log until they are due. Safe to call from any thread. */
public interface DelayedLog {

  /** Every partition of which something is pending now, in no order. */
  List<PendingRecords> pending();

  /**
   * Makes everything due that was appended to these partitions so far; what comes later waits as
   * before. Partitions without a delay are passed over.
   *
   * @return completes when it is durable; fails with {@code NOT_LEADER_OR_FOLLOWER} when one of
   *     them is not open here
   */
  CompletionStage<Void> deliverPending(List<PartitionId> partitions);
}
