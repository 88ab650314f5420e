package io.tidelog.gateway.net;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.PartitionAdmin.ProducerEntry;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.gateway.fake.FixedImages;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The records of a cluster whose nodes always have the same, however often another one leads: what
 * replication promises, without it. Safe from any thread.
 */
final class SharedLog {

  /** Batches of a producer that are known again. */
  private static final int WINDOW = 5;

  private static final ColdObject OBJECT =
      new ColdObject(new LogId(new UUID(7, 7)), 3, 0, 1 << 20, "segments/object", 1 << 20, 99, 42);

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<PartitionId, Partition> partitions = new HashMap<>();
  private final AtomicInteger openBytes = new AtomicInteger();

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** From now on this node leads, in a new epoch. */
  void lead(PartitionId id, int node) {
    locked(
        () -> {
          var partition = partitions.computeIfAbsent(id, Partition::new);
          partition.leader = node;
          partition.epochStarts.add(partition.end());
          return null;
        });
  }

  /** Below this offset only the cold tier has records. */
  void offload(PartitionId id, long offset) {
    locked(() -> partitions.get(id).localStart = offset);
  }

  /** The index of the cold tier promises what is not there, and the search has to go on. */
  void findNothingCold(PartitionId id) {
    locked(() -> partitions.get(id).coldFinds = false);
  }

  int openBytes() {
    return openBytes.get();
  }

  AppendResult append(int node, AppendRequest request) {
    return locked(
        () -> {
          var partition = partitions.get(request.partition());
          return partition == null || partition.leader != node
              ? new AppendResult.Refused(Refusal.NOT_LEADER_OR_FOLLOWER, "another node leads")
              : append(partition, request);
        });
  }

  private static AppendResult append(Partition partition, AppendRequest request) {
    var batch = BatchHeader.read(request.records(), request.records().position());
    if (batch.hasProducerId()) {
      var known = partition.producers.computeIfAbsent(batch.producerId(), _ -> new ArrayDeque<>());
      // Sequences begin again: a client whose answers come in another order than its batches were
      // judged takes the refused ones into a new epoch.
      int epoch = known.isEmpty() ? 0 : known.getLast().producerEpoch();
      if (batch.producerEpoch() < epoch) {
        return new AppendResult.Refused(Refusal.INVALID_PRODUCER_EPOCH, "epoch " + epoch);
      }
      if (batch.producerEpoch() > epoch && batch.baseSequence() == 0) {
        known.clear();
      }
      for (var before : known) {
        if (before.baseSequence() == batch.baseSequence()) {
          return new AppendResult.Appended(before.baseOffset(), 0);
        }
      }
      int expected = known.isEmpty() ? 0 : known.getLast().lastSequence() + 1;
      if (batch.baseSequence() != expected) {
        return new AppendResult.Refused(
            Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER,
            "sequence " + batch.baseSequence() + ", expected " + expected);
      }
    }
    long base = partition.end();
    var records = request.records();
    records.putLong(records.position() + BatchHeader.BASE_OFFSET_POSITION, base);
    records.putInt(records.position() + BatchHeader.LEADER_EPOCH_POSITION, partition.epoch());
    var copy = ByteBuffer.allocate(records.remaining());
    copy.put(records.duplicate()).flip();
    var stored = BatchHeader.read(copy, 0);
    partition.batches.add(new Stored(copy.asReadOnlyBuffer(), stored));
    if (batch.hasProducerId()) {
      var known = partition.producers.get(batch.producerId());
      known.add(stored);
      if (known.size() > WINDOW) {
        known.remove();
      }
    }
    return new AppendResult.Appended(base, 0);
  }

  @Nullable PartitionSnapshot snapshot(int node, PartitionId id) {
    return locked(
        () -> {
          var partition = partitions.get(id);
          return partition == null || partition.leader != node ? null : partition.snapshot();
        });
  }

  ReadResult read(int node, ReadRequest request) {
    return locked(
        () -> {
          var partition = partitions.get(request.partition());
          if (partition == null || partition.leader != node) {
            return new ReadResult.UnknownPartition();
          }
          var at = partition.snapshot();
          if (request.fetchOffset() > at.logEndOffset()) {
            return new ReadResult.OutOfRange(at);
          }
          return request.fetchOffset() < partition.localStart
              ? new ReadResult.Cold(at, partition.references())
              : new ReadResult.Records(at, bytes(partition, request, Long.MAX_VALUE));
        });
  }

  /** What whoever has these references reads; needs no leader. */
  ReadResult readCold(ReadRequest request, PartitionSnapshot at, List<ColdReference> references) {
    return locked(
        () -> {
          var partition = partitions.get(request.partition());
          if (!references.equals(partition.references())) {
            throw new AssertionError("references changed on their way: " + references);
          }
          return new ReadResult.Records(at, bytes(partition, request, partition.localStart));
        });
  }

  private RecordBytes bytes(Partition partition, ReadRequest request, long end) {
    var found = new ArrayList<ByteBuffer>();
    int size = 0;
    for (var batch : partition.batches) {
      if (batch.header.endOffset() <= request.fetchOffset() || batch.header.baseOffset() >= end) {
        continue;
      }
      boolean first = found.isEmpty() && request.atLeastOneBatch();
      if (!first && size + batch.header.sizeBytes() > request.maxBytes()) {
        break;
      }
      found.add(batch.bytes);
      size += batch.header.sizeBytes();
    }
    return lent(found);
  }

  ReadResult findByTime(int node, TimeRequest request) {
    return locked(
        () -> {
          var partition = partitions.get(request.partition());
          if (partition == null || partition.leader != node) {
            return new ReadResult.UnknownPartition();
          }
          var found = partition.firstSince(request);
          var at = partition.snapshot();
          return found != null && found.header.endOffset() <= partition.localStart
              ? new ReadResult.Cold(at, partition.references())
              : new ReadResult.Records(at, lent(found == null ? List.of() : List.of(found.bytes)));
        });
  }

  ReadResult findCold(TimeRequest request, PartitionSnapshot at) {
    return locked(
        () -> {
          var partition = partitions.get(request.partition());
          var found = partition.coldFinds ? partition.firstSince(request) : null;
          return new ReadResult.Records(at, lent(found == null ? List.of() : List.of(found.bytes)));
        });
  }

  EpochEnd endOfEpoch(PartitionId id, int leaderEpoch) {
    return locked(
        () -> {
          var partition = partitions.get(id);
          int epoch = Math.min(leaderEpoch, partition.epoch());
          return epoch < 0
              ? EpochEnd.NONE
              : new EpochEnd(
                  epoch,
                  epoch == partition.epoch()
                      ? partition.end()
                      : partition.epochStarts.get(epoch + 1));
        });
  }

  long deleteBefore(int node, PartitionId id, long offset) {
    return locked(
        () -> {
          var partition = partitions.get(id);
          if (partition == null || partition.leader != node) {
            return -1L;
          }
          partition.logStart = offset < 0 ? partition.end() : offset;
          return partition.logStart;
        });
  }

  List<ProducerEntry> producers(PartitionId id) {
    return locked(
        () ->
            partitions.get(id).producers.values().stream()
                .map(Deque::getLast)
                .map(
                    batch ->
                        new ProducerEntry(
                            batch.producerId(),
                            batch.producerEpoch(),
                            batch.lastSequence(),
                            batch.maxTimestampMs(),
                            new OffsetRange(batch.baseOffset(), batch.endOffset())))
                .toList());
  }

  private RecordBytes lent(List<ByteBuffer> buffers) {
    if (buffers.isEmpty()) {
      return RecordBytes.EMPTY;
    }
    openBytes.incrementAndGet();
    return new Lent(buffers);
  }

  private record Stored(ByteBuffer bytes, BatchHeader header) {}

  private final class Lent implements RecordBytes {

    private final List<ByteBuffer> buffers;
    private boolean closed;

    private Lent(List<ByteBuffer> buffers) {
      this.buffers = buffers;
    }

    @Override
    public int sizeBytes() {
      return buffers.stream().mapToInt(ByteBuffer::remaining).sum();
    }

    @Override
    public List<Part> parts() {
      return buffers.stream().<Part>map(buffer -> new MemoryPart(buffer.duplicate())).toList();
    }

    @Override
    public void close() {
      if (closed) {
        throw new IllegalStateException("closed twice");
      }
      closed = true;
      openBytes.decrementAndGet();
    }
  }

  private static final class Partition {

    private static final PartitionConfig CONFIG = FixedImages.PLAIN;

    private final PartitionId id;
    private final List<Stored> batches = new ArrayList<>();
    private final List<Long> epochStarts = new ArrayList<>(List.of(0L));
    private final Map<Long, Deque<BatchHeader>> producers = new HashMap<>();
    private int leader = -1;
    private long logStart;
    private long localStart;
    private boolean coldFinds = true;

    private Partition(PartitionId id) {
      this.id = id;
    }

    private int epoch() {
      return epochStarts.size() - 1;
    }

    private long end() {
      return batches.isEmpty() ? 0 : batches.getLast().header.endOffset();
    }

    private List<ColdReference> references() {
      return List.of(new ColdReference(OBJECT, id, new OffsetRange(logStart, localStart)));
    }

    private PartitionSnapshot snapshot() {
      long end = end();
      long bytes = batches.stream().mapToLong(batch -> batch.header.sizeBytes()).sum();
      return new PartitionSnapshot(
          id,
          CONFIG,
          logStart,
          Math.max(logStart, localStart),
          localStart,
          end,
          end,
          end,
          end,
          epoch(),
          bytes,
          bytes);
    }

    private @Nullable Stored firstSince(TimeRequest request) {
      for (var batch : batches) {
        if (batch.header.maxTimestampMs() >= request.timestampMs()
            && batch.header.endOffset() > Math.max(request.fromOffset(), logStart)) {
          return batch;
        }
      }
      return null;
    }
  }
}
