package io.tidelog.coordinator;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotCoordinatorException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.VerificationGuard;

/**
 * Writes for Kafka's coordinator by way of the {@link OffsetsShard} of the partition. Called on the
 * coordinator's threads, for one partition by one at a time.
 */
final class LogPartitionWriter implements PartitionWriter {

  private final OffsetsShards shards;
  private final LogConfig config = new LogConfig(Map.of());

  LogPartitionWriter(OffsetsShards shards) {
    this.shards = shards;
  }

  @Override
  public void registerListener(TopicPartition partition, Listener listener) {
    shardOrThrow(partition).listen(listener);
  }

  @Override
  public void deregisterListener(TopicPartition partition, Listener listener) {
    var shard = shards.get(partition.partition());
    if (shard != null) {
      shard.listen(null);
    }
  }

  @Override
  public LogConfig config(TopicPartition partition) {
    return config;
  }

  @Override
  public long append(
      TopicPartition partition,
      VerificationGuard guard,
      MemoryRecords records,
      short transactionVersion) {
    return shardOrThrow(partition).append(records);
  }

  @Override
  public CompletableFuture<VerificationGuard> maybeStartTransactionVerification(
      TopicPartition partition,
      String transactionalId,
      long producerId,
      short producerEpoch,
      int apiVersion) {
    return CompletableFuture.failedFuture(
        new UnsupportedVersionException("transactions are not supported"));
  }

  @Override
  public CompletableFuture<Void> deleteRecords(TopicPartition partition, long beforeOffset) {
    return CompletableFuture.failedFuture(
        new UnsupportedVersionException("the log start of an offsets partition moves by itself"));
  }

  private OffsetsShard shardOrThrow(TopicPartition partition) {
    var shard = shards.get(partition.partition());
    if (shard == null) {
      throw new NotCoordinatorException("offsets partition " + partition + " is not loaded");
    }
    return shard;
  }
}
