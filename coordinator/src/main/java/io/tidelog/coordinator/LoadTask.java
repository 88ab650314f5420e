package io.tidelog.coordinator;

import io.tidelog.coordinator.BatchReader.Batches;
import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.NotCoordinatorException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.coordinator.common.runtime.CoordinatorLoader.LoadSummary;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.Deserializer.UnknownRecordTypeException;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads one internal partition: waits until nothing of the shard before is under way, replays the
 * log up to its end, then puts a new shard in place. Runs on the coordinator's lane, a read at a
 * time, so that partitions load side by side. A later load of the same partition, or the end of the
 * term it is led in, ends this one.
 */
final class LoadTask {

  private static final Logger LOG = LoggerFactory.getLogger(LoadTask.class);
  private static final int READ_BYTES = 256 << 10;
  private static final long RETRY_MS = 20;

  private final int partition;
  private final CoordinatorPlayback<CoordinatorRecord> playback;
  private final OffsetsShards shards;
  private final BatchReader reader;
  private final Lane lane;
  private final Clock clock;
  private final GroupCoordinatorRecordSerde serde = new GroupCoordinatorRecordSerde();
  private final CompletableFuture<LoadSummary> loaded = new CompletableFuture<>();

  private long startMs;
  private long writtenOffset;
  private long recordCount;
  private long byteCount;

  LoadTask(
      int partition,
      CoordinatorPlayback<CoordinatorRecord> playback,
      OffsetsShards shards,
      BatchReader reader,
      Lane lane,
      Clock clock) {
    this.partition = partition;
    this.playback = playback;
    this.shards = shards;
    this.reader = reader;
    this.lane = lane;
    this.clock = clock;
  }

  CompletableFuture<LoadSummary> loaded() {
    return loaded;
  }

  void start() {
    if (isOver()) {
      end();
      return;
    }
    var id = shards.partition(partition);
    if (id == null) {
      loaded.completeExceptionally(new NotCoordinatorException("offsets partition is not here"));
      return;
    }
    var at = shards.snapshot(id);
    if (at == null || at.highWatermark() < at.logEndOffset() || !shards.isQuiet(partition)) {
      later(this::start);
      return;
    }
    startMs = clock.wallMs();
    var shard = shards.create(id, at);
    readOn(shard, id, at.logStartOffset(), at.logEndOffset());
  }

  private boolean isOver() {
    return shards.isClosed() || !shards.isLoading(partition, this);
  }

  /**
   * Tells nobody, but at the node's own end. What it was for has been unloaded by now, and Kafka's
   * coordinator would take the end of this load for that of the next one.
   */
  private void end() {
    if (shards.isClosed()) {
      loaded.completeExceptionally(new NotCoordinatorException("the coordinator is closing"));
    }
  }

  private void readOn(OffsetsShard shard, PartitionId id, long offset, long endOffset) {
    if (isOver()) {
      end();
    } else if (offset >= endOffset) {
      finish(shard, endOffset);
    } else {
      reader.read(id, offset, READ_BYTES, batches -> onRead(shard, id, offset, endOffset, batches));
    }
  }

  private void onRead(
      OffsetsShard shard, PartitionId id, long offset, long endOffset, Batches batches) {
    switch (batches) {
      case Batches.Read read -> {
        long next;
        try {
          next = replay(shard, offset, read.records());
        } catch (RuntimeException e) {
          LOG.error("loading offsets partition failed, partition={} offset={}", id, offset, e);
          loaded.completeExceptionally(e);
          return;
        }
        if (next > offset) {
          readOn(shard, id, next, endOffset);
        } else {
          later(() -> readOn(shard, id, offset, endOffset));
        }
      }
      case Batches.Moved moved ->
          later(() -> readOn(shard, id, Math.max(offset, moved.logStartOffset()), endOffset));
      case Batches.Failed failed when failed.fault() instanceof Fault.Broken broken -> {
        LOG.error("loading offsets partition failed, partition={} offset={}", id, offset, broken);
        loaded.completeExceptionally(broken);
      }
      case Batches.Failed failed -> {
        LOG.warn(
            "loading offsets partition waits, partition={} offset={} cause={}",
            id,
            offset,
            failed.fault().getMessage());
        later(() -> readOn(shard, id, offset, endOffset));
      }
    }
  }

  private long replay(OffsetsShard shard, long offset, MemoryRecords records) {
    long next = offset;
    for (var batch : records.batches()) {
      replay(shard, batch);
      next = batch.nextOffset();
      byteCount += batch.sizeInBytes();
    }
    advanceTo(next);
    return next;
  }

  /** The playback starts at 0 and refuses to be told twice. */
  private void advanceTo(long offset) {
    if (offset > writtenOffset) {
      playback.updateLastWrittenOffset(offset);
      playback.updateLastCommittedOffset(offset);
      writtenOffset = offset;
    }
  }

  private void replay(OffsetsShard shard, RecordBatch batch) {
    for (var record : batch) {
      recordCount++;
      try {
        playback.replay(
            record.offset(),
            batch.producerId(),
            batch.producerEpoch(),
            serde.deserialize(record.key(), record.value()));
      } catch (UnknownRecordTypeException e) {
        LOG.warn(
            "skipping a record of a newer version, offset={} type={}",
            record.offset(),
            e.unknownType());
      }
    }
    shard.onLoaded(batch);
  }

  private void finish(OffsetsShard shard, long endOffset) {
    advanceTo(endOffset);
    shard.open(endOffset);
    shards.put(partition, shard);
    loaded.complete(new LoadSummary(startMs, clock.wallMs(), 0, recordCount, byteCount));
  }

  private void later(Runnable step) {
    lane.executeAt(clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(RETRY_MS), step);
  }
}
