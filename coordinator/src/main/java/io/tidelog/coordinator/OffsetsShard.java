package io.tidelog.coordinator;

import io.tidelog.coordinator.BatchReader.Batches;
import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.AppendResult.Appended;
import io.tidelog.core.log.AppendResult.Refused;
import io.tidelog.core.log.AppendResult.Uncertain;
import io.tidelog.core.log.PartitionSnapshot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.NotCoordinatorException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One loaded internal partition as its only writer sees it, from one load to the next. It reserves
 * offsets itself and tells the log's lane which one it expects; when the lane refuses, the shard is
 * lost: it takes nothing more, and its partition is elected again, which makes another shard.
 *
 * <p>Kafka's coordinator counts only its own records and reloads when an offset is missing. So it
 * is told <em>coordinator offsets</em>: the log's, less what {@link CompactionMachine} appended
 * since the load.
 *
 * <p>{@link #append} and all it owns run on the coordinator thread that serves the partition.
 * {@link #onLoaded} and {@link #open} run on the coordinator's lane before that; steps of the
 * compaction run there too and come back through {@link #arrived}.
 */
final class OffsetsShard {

  private static final Logger LOG = LoggerFactory.getLogger(OffsetsShard.class);
  private static final long TRIM_RETRY_MS = 1_000;

  private final TopicPartition topicPartition;
  private final PartitionId id;
  private final CoordinatorPorts ports;
  private final BatchReader reader;
  private final Lane lane;
  private final Clock clock;
  private final Runnable onLost;

  private final CompactionMachine compaction;

  /** The partition's, in which it was loaded. */
  private final int leaderEpoch;

  private long nextOffset;
  private long compactedCount;

  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicReference<@Nullable Step> arrived = new AtomicReference<>();
  private volatile boolean lost;
  private volatile PartitionWriter.@Nullable Listener listener;

  OffsetsShard(
      OffsetsShards owner, TopicPartition topicPartition, PartitionId id, PartitionSnapshot at) {
    this.topicPartition = topicPartition;
    this.id = id;
    this.ports = owner.ports();
    this.reader = owner.reader();
    this.lane = owner.lane();
    this.clock = owner.clock();
    this.onLost = () -> owner.onLost(this);
    this.compaction = new CompactionMachine(owner.limits(), owner.secret(), at.logStartOffset());
    this.leaderEpoch = at.leaderEpoch();
  }

  int partition() {
    return id.partition();
  }

  void onLoaded(RecordBatch batch) {
    account(batch, batch.baseOffset());
  }

  /** The load is over; the next record gets {@code endOffset}. */
  void open(long endOffset) {
    nextOffset = endOffset;
  }

  void listen(PartitionWriter.@Nullable Listener newListener) {
    listener = newListener;
  }

  /** Whether no append and no trim is under way; asked on the coordinator's lane. */
  boolean isQuiet() {
    return underWay.get() == 0;
  }

  /**
   * Whether nobody else can have written since the load: the log still answers, and in the epoch of
   * then. From any thread.
   */
  boolean isCurrent() {
    var at = ports.reader().snapshot(id);
    return !lost && at != null && at.leaderEpoch() == leaderEpoch;
  }

  /** Takes nothing more. */
  void retire() {
    lost = true;
  }

  /**
   * Appends the coordinator's own batches; borrows {@code records} for the call.
   *
   * @return the coordinator offset after the last record
   */
  long append(MemoryRecords records) {
    if (lost) {
      throw new NotCoordinatorException("offsets partition " + id + " is being loaded again");
    }
    long base = nextOffset;
    long end = base + recordCount(records);
    long coordinatorEnd = end - compactedCount;
    post(records.buffer(), base, () -> tellCommitted(coordinatorEnd));
    nextOffset = end;
    long offset = base;
    for (var batch : records.batches()) {
      account(batch, offset);
      offset += countOf(batch);
    }
    compact();
    return coordinatorEnd;
  }

  private static long recordCount(MemoryRecords records) {
    long count = 0;
    for (var batch : records.batches()) {
      count += countOf(batch);
    }
    return count;
  }

  private static long countOf(RecordBatch batch) {
    return batch.lastOffset() - batch.baseOffset() + 1;
  }

  /** Tells the compaction what is in the log, {@code batch} starting at {@code baseOffset}. */
  private void account(RecordBatch batch, long baseOffset) {
    compaction.onGrown(batch.sizeInBytes());
    long shift = baseOffset - batch.baseOffset();
    for (var record : batch) {
      var key = record.key();
      if (key != null) {
        compaction.onRecord(
            new KeyedRecord(
                record.offset() + shift,
                record.timestamp(),
                key,
                record.value(),
                record.sizeInBytes()));
      }
    }
  }

  private void post(ByteBuffer batches, long baseOffset, Runnable committed) {
    var copy = ByteBuffer.allocate(batches.remaining());
    copy.put(batches.duplicate()).flip();
    underWay.incrementAndGet();
    var door = new Door();
    ports
        .appender()
        .append(
            List.of(
                new AppendRequest(
                    id,
                    copy,
                    Acks.ALL,
                    baseOffset,
                    result -> onCompleted(result, baseOffset, committed, door))));
    var refusal = door.close();
    if (refusal != null) {
      if (refusal.refusal() == Refusal.OFFSET_OUT_OF_RANGE) {
        lose(refusal.message());
      }
      throw Errors.valueOf(refusal.refusal().name()).exception(refusal.message());
    }
  }

  /** Runs on the log's lane, or inside the append when it was refused at the door. */
  private void onCompleted(AppendResult result, long baseOffset, Runnable committed, Door door) {
    switch (result) {
      case Appended appended when appended.baseOffset() == baseOffset -> committed.run();
      case Appended appended -> lose("offset " + appended.baseOffset() + " given");
      case Refused refused -> {
        if (!door.tryRefuse(refused)) {
          lose(refused.refusal() + " " + refused.message());
        }
      }
      case Uncertain uncertain -> lose(uncertain.refusal() + " " + uncertain.message());
    }
    underWay.decrementAndGet();
  }

  /** Only posts to the queue of Kafka's coordinator thread. */
  private void tellCommitted(long coordinatorEnd) {
    var told = listener;
    if (told != null) {
      told.onHighWatermarkUpdated(topicPartition, coordinatorEnd);
    }
  }

  private void lose(String why) {
    if (!lost) {
      lost = true;
      LOG.warn("offsets partition lost, electing it again, partition={} cause={}", id, why);
      lane.execute(onLost);
    }
  }

  /** Takes a step that came back, then asks for the next one. */
  private void compact() {
    var step = arrived.getAndSet(null);
    var decision =
        switch (step) {
          case null -> compaction.decide();
          case Step.HeadRead read -> compaction.onHeadRead(read.chunk());
          case Step.HeadUnreadable unreadable -> {
            compaction.onHeadUnreadable();
            yield new CompactionDecision.Rest();
          }
          case Step.Trimmed trimmed -> {
            compaction.onTrimmed();
            yield compaction.decide();
          }
        };
    switch (decision) {
      case CompactionDecision.Rest rest -> {}
      case CompactionDecision.ReadHead read ->
          reader.read(id, read.offset(), read.maxBytes(), batches -> onHeadRead(read, batches));
      case CompactionDecision.Move move -> move(move);
    }
  }

  private void move(CompactionDecision.Move move) {
    if (move.records().isEmpty()) {
      lane.execute(() -> trim(move.endOffset()));
      return;
    }
    var records = new SimpleRecord[move.records().size()];
    for (int i = 0; i < records.length; i++) {
      var record = move.records().get(i);
      records[i] = new SimpleRecord(record.timestampMs(), record.key(), record.value());
    }
    var batch = MemoryRecords.withRecords(Compression.NONE, records);
    long base = nextOffset;
    try {
      post(batch.buffer(), base, () -> lane.execute(() -> trim(move.endOffset())));
    } catch (RuntimeException e) {
      // The coordinator's own batch went before and must not be answered with this one's fate.
      lose("moving the head was refused: " + e.getMessage());
      return;
    }
    nextOffset += records.length;
    compactedCount += records.length;
    for (var appended : batch.batches()) {
      account(appended, base);
    }
  }

  /** On the coordinator's lane. */
  private void onHeadRead(CompactionDecision.ReadHead read, Batches batches) {
    arrived.set(
        batches instanceof Batches.Read found
            ? new Step.HeadRead(chunk(read.offset(), found.records()))
            : new Step.HeadUnreadable());
  }

  private static HeadChunk chunk(long offset, MemoryRecords records) {
    var found = new ArrayList<KeyedRecord>();
    long end = offset;
    long size = 0;
    for (var batch : records.batches()) {
      for (var record : batch) {
        var key = record.key();
        if (key != null) {
          found.add(
              new KeyedRecord(
                  record.offset(), record.timestamp(), key, record.value(), record.sizeInBytes()));
        }
      }
      end = batch.nextOffset();
      size += batch.sizeInBytes();
    }
    return new HeadChunk(found, end, size);
  }

  /** On the coordinator's lane. */
  private void trim(long endOffset) {
    if (lost) {
      return;
    }
    underWay.incrementAndGet();
    ports
        .host()
        .deleteBefore(id, endOffset)
        .whenComplete((start, failure) -> lane.execute(() -> onTrimmed(endOffset, failure)));
  }

  private void onTrimmed(long endOffset, @Nullable Throwable failure) {
    underWay.decrementAndGet();
    if (failure == null) {
      arrived.set(new Step.Trimmed());
    } else {
      LOG.warn(
          "trimming offsets partition failed, trying again, partition={} offset={} cause={}",
          id,
          endOffset,
          failure.getMessage());
      lane.executeAt(
          clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(TRIM_RETRY_MS),
          () -> trim(endOffset));
    }
  }

  /** What the lane hands back to the thread that serves the partition. */
  private sealed interface Step {
    record HeadRead(HeadChunk chunk) implements Step {}

    record HeadUnreadable() implements Step {}

    record Trimmed() implements Step {}
  }

  /**
   * Open while an append is handed over: a refusal then is answered on the spot, since nothing has
   * been reserved yet.
   */
  private static final class Door {
    private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

    boolean tryRefuse(Refused refused) {
      return state.compareAndSet(null, refused);
    }

    @Nullable Refused close() {
      return state.compareAndSet(null, this) ? null : (Refused) state.get();
    }
  }
}
