package io.tidelog.core.log;

import io.tidelog.core.PartitionId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Opens, changes and closes partitions in this node's logs. Each call is durable when its stage
 * completes; a stage completes on a foreign thread and fails with a {@link io.tidelog.core.Fault}.
 */
public interface PartitionHost extends PartitionAdmin {

  /** Every partition open now. */
  Set<PartitionId> partitions();

  /** Opens what is not open yet; what is open keeps its records and gets the config. */
  CompletionStage<Void> open(List<PartitionSpec> partitions);

  /** Forgets partitions and their records in both tiers; unknown ones are passed over. */
  CompletionStage<Void> close(List<PartitionId> partitions);

  /** Replaces the settings of partitions; only later appends see a changed delay. */
  CompletionStage<Void> configure(List<PartitionId> partitions, PartitionConfig config);
}
