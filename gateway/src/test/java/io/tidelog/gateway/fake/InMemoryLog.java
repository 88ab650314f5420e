package io.tidelog.gateway.fake;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.LogAppender;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionHost;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.core.log.TimeRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A log in memory that keeps the contracts: it appends on its own lane, stamps offset and epoch in
 * place, commits when told or at once, hides what is not due, and has a cold tier that is as slow
 * as a test wants. Counts what was asked and which bytes were not given back.
 */
public final class InMemoryLog implements LogAppender, LogReader, ColdReader, PartitionHost {

  private static final ColdObject OBJECT =
      new ColdObject(new LogId(new UUID(1, 1)), 1, 0, 1, "object", 1, 1, 1);

  private final SteppedLane lane;
  private final Map<PartitionId, Partition> partitions = new LinkedHashMap<>();
  private final List<AdvanceListener> listeners = new ArrayList<>();
  private final List<Runnable> heldCommits = new ArrayList<>();
  private final List<Runnable> heldReads = new ArrayList<>();

  private boolean holdCommits;
  private Predicate<PartitionId> slow = _ -> false;
  private @Nullable Fault coldFault;

  private int appendCalls;
  private int reads;
  private int coldReads;
  private int openBytes;

  public InMemoryLog(SteppedLane lane) {
    this.lane = lane;
  }

  // What a test does to it

  public void open(PartitionId id) {
    open(id, FixedImages.PLAIN);
  }

  public void open(PartitionId id, PartitionConfig config) {
    partitions.put(id, new Partition(id, config));
  }

  /** Commits wait for {@link #commit}. */
  public void holdCommits() {
    holdCommits = true;
  }

  public void commit() {
    var commits = List.copyOf(heldCommits);
    heldCommits.clear();
    commits.forEach(Runnable::run);
  }

  /** Reads of these partitions, and all of the cold tier, wait for {@link #releaseReads}. */
  public void slowDown(Predicate<PartitionId> these) {
    slow = these;
  }

  public void releaseReads() {
    var held = List.copyOf(heldReads);
    heldReads.clear();
    held.forEach(lane::execute);
  }

  public void failCold(Fault fault) {
    coldFault = fault;
  }

  /** From here on up to {@code offset} only the cold tier has the records. */
  public void offload(PartitionId id, long offset) {
    var partition = get(id);
    partition.localStart = offset;
    partition.tieredEnd = offset;
  }

  /** Nothing from {@code offset} on is due. */
  public void limitVisible(PartitionId id, long offset) {
    get(id).dueEnd = offset;
    tell(id);
  }

  public void setLogStart(PartitionId id, long offset) {
    var partition = get(id);
    partition.logStart = offset;
    partition.localStart = Math.max(offset, partition.localStart);
  }

  /** A new leader epoch from the log end on. */
  public void nextEpoch(PartitionId id) {
    var partition = get(id);
    partition.epochStarts.add(partition.logEnd);
  }

  public int appendCalls() {
    return appendCalls;
  }

  public int reads() {
    return reads;
  }

  public int coldReads() {
    return coldReads;
  }

  /** Results with bytes that nobody closed. */
  public int openBytes() {
    return openBytes;
  }

  // What it promises

  @Override
  public void append(List<AppendRequest> requests) {
    appendCalls++;
    var copy = List.copyOf(requests);
    lane.execute(
        () -> {
          copy.forEach(this::appendOne);
          if (!holdCommits) {
            commit();
          }
        });
  }

  private void appendOne(AppendRequest request) {
    var partition = partitions.get(request.partition());
    if (partition == null) {
      refuse(request, Refusal.NOT_LEADER_OR_FOLLOWER);
      return;
    }
    var batch = BatchHeader.read(request.records(), request.records().position());
    var last = partition.producers.get(batch.producerId());
    if (batch.hasProducerId() && last != null) {
      if (last.baseSequence() == batch.baseSequence()) {
        complete(request, partition, last.baseOffset(), last.baseOffset() + batch.recordCount());
        return;
      }
      if (batch.baseSequence() != last.lastSequence() + 1) {
        refuse(request, Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER);
        return;
      }
    }
    long base = partition.logEnd;
    var records = request.records();
    records.putLong(records.position() + BatchHeader.BASE_OFFSET_POSITION, base);
    records.putInt(records.position() + BatchHeader.LEADER_EPOCH_POSITION, partition.epoch());
    var bytes = ByteBuffer.allocate(records.remaining());
    bytes.put(records.duplicate()).flip();
    var stored = BatchHeader.read(bytes, 0);
    partition.batches.add(new Stored(bytes.asReadOnlyBuffer(), stored));
    partition.logEnd = stored.endOffset();
    if (batch.hasProducerId()) {
      partition.producers.put(batch.producerId(), stored);
    }
    complete(request, partition, base, stored.endOffset());
  }

  private void complete(AppendRequest request, Partition partition, long base, long end) {
    var done = new AppendResult.Appended(base, partition.logStart);
    if (request.acks() == Acks.LEADER) {
      request.completion().onCompleted(done);
    }
    heldCommits.add(
        () -> {
          partition.highWatermark = Math.max(partition.highWatermark, end);
          if (request.acks() == Acks.ALL) {
            request.completion().onCompleted(done);
          }
          tell(partition.id);
        });
  }

  private static void refuse(AppendRequest request, Refusal refusal) {
    request.completion().onCompleted(new AppendResult.Refused(refusal, "refused by the log"));
  }

  @Override
  public @Nullable PartitionSnapshot snapshot(PartitionId id) {
    var partition = partitions.get(id);
    return partition == null ? null : partition.snapshot();
  }

  @Override
  public void read(ReadRequest request, ReadCompletion completion) {
    reads++;
    if (slow.test(request.partition())) {
      heldReads.add(() -> completion.onCompleted(readNow(request, false)));
    } else {
      completion.onCompleted(readNow(request, false));
    }
  }

  @Override
  public void read(
      ReadRequest request,
      PartitionSnapshot at,
      List<ColdReference> references,
      ReadCompletion completion) {
    coldReads++;
    heldReads.add(
        () ->
            completion.onCompleted(
                coldFault == null ? readNow(request, true) : new ReadResult.Failed(coldFault)));
  }

  private ReadResult readNow(ReadRequest request, boolean fromCold) {
    var partition = partitions.get(request.partition());
    if (partition == null) {
      return new ReadResult.UnknownPartition();
    }
    var at = partition.snapshot();
    long offset = request.fetchOffset();
    if (offset < at.logStartOffset() || offset > at.logEndOffset()) {
      return new ReadResult.OutOfRange(at);
    }
    if (!fromCold && offset < partition.localStart) {
      return partition.cold();
    }
    var found = new ArrayList<Stored>();
    int size = 0;
    for (var batch : partition.batches) {
      boolean wanted =
          batch.header.endOffset() > offset && batch.header.endOffset() <= at.visibleEndOffset();
      boolean fits =
          size + batch.header.sizeBytes() <= request.maxBytes()
              || (found.isEmpty() && request.atLeastOneBatch());
      if (wanted && !fits) {
        break;
      }
      if (wanted) {
        found.add(batch);
        size += batch.header.sizeBytes();
      }
    }
    return new ReadResult.Records(at, bytes(found));
  }

  @Override
  public void findByTime(TimeRequest request, ReadCompletion completion) {
    var partition = partitions.get(request.partition());
    if (partition == null) {
      completion.onCompleted(new ReadResult.UnknownPartition());
      return;
    }
    var found = partition.firstSince(request);
    completion.onCompleted(
        found != null && found.header.endOffset() <= partition.localStart
            ? partition.cold()
            : new ReadResult.Records(
                partition.snapshot(), bytes(found == null ? List.of() : List.of(found))));
  }

  @Override
  public void findByTime(
      TimeRequest request,
      PartitionSnapshot at,
      List<ColdReference> references,
      ReadCompletion completion) {
    coldReads++;
    var found = get(at.id()).firstSince(request);
    heldReads.add(
        () ->
            completion.onCompleted(
                new ReadResult.Records(at, bytes(found == null ? List.of() : List.of(found)))));
  }

  @Override
  public EpochEnd endOfEpoch(PartitionId id, int leaderEpoch) {
    var partition = get(id);
    int epoch = Math.min(leaderEpoch, partition.epoch());
    if (epoch < 0) {
      return EpochEnd.NONE;
    }
    return new EpochEnd(
        epoch,
        epoch == partition.epoch() ? partition.logEnd : partition.epochStarts.get(epoch + 1));
  }

  @Override
  public void onAdvance(AdvanceListener listener) {
    listeners.add(listener);
  }

  @Override
  public Set<PartitionId> partitions() {
    return partitions.keySet();
  }

  @Override
  public CompletionStage<Void> open(List<PartitionSpec> specs) {
    specs.forEach(spec -> open(spec.id(), spec.config()));
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Void> close(List<PartitionId> ids) {
    ids.forEach(partitions::remove);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Void> configure(List<PartitionId> ids, PartitionConfig config) {
    throw new UnsupportedOperationException("nobody here configures");
  }

  @Override
  public CompletionStage<Long> deleteBefore(PartitionId id, long offset) {
    var partition = get(id);
    long visible = partition.snapshot().visibleEndOffset();
    var result = new CompletableFuture<Long>();
    lane.execute(
        () -> {
          if (offset > visible) {
            result.completeExceptionally(
                new Fault.Refused(Refusal.OFFSET_OUT_OF_RANGE, "behind the visible end"));
          } else {
            setLogStart(id, Math.max(partition.logStart, offset == -1 ? visible : offset));
            result.complete(partition.logStart);
          }
        });
    return result;
  }

  @Override
  public CompletionStage<List<ProducerEntry>> producers(PartitionId id) {
    return CompletableFuture.completedStage(
        get(id).producers.values().stream()
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

  private void tell(PartitionId id) {
    listeners.forEach(listener -> listener.onAdvanced(List.of(id)));
  }

  private Partition get(PartitionId id) {
    var partition = partitions.get(id);
    if (partition == null) {
      throw new IllegalArgumentException(id + " is not open");
    }
    return partition;
  }

  private RecordBytes bytes(List<Stored> batches) {
    if (batches.isEmpty()) {
      return RecordBytes.EMPTY;
    }
    openBytes++;
    return new Lent(batches.stream().map(Stored::bytes).toList());
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
      if (closed) {
        throw new IllegalStateException("read after close");
      }
      return buffers.stream().<Part>map(buffer -> new MemoryPart(buffer.duplicate())).toList();
    }

    @Override
    public void close() {
      if (closed) {
        throw new IllegalStateException("closed twice");
      }
      closed = true;
      openBytes--;
    }
  }

  private static final class Partition {

    private final PartitionId id;
    private final PartitionConfig config;
    private final List<Stored> batches = new ArrayList<>();
    private final List<Long> epochStarts = new ArrayList<>(List.of(0L));
    private final Map<Long, BatchHeader> producers = new HashMap<>();

    private long logStart;
    private long localStart;
    private long tieredEnd;
    private long highWatermark;
    private long logEnd;
    private long dueEnd = Long.MAX_VALUE;

    private Partition(PartitionId id, PartitionConfig config) {
      this.id = id;
      this.config = config;
    }

    private int epoch() {
      return epochStarts.size() - 1;
    }

    private PartitionSnapshot snapshot() {
      long visibleEnd = Math.min(highWatermark, dueEnd);
      long bytes =
          batches.stream()
              .filter(batch -> batch.header.endOffset() > logStart)
              .mapToLong(batch -> batch.header.sizeBytes())
              .sum();
      return new PartitionSnapshot(
          id,
          config,
          logStart,
          localStart,
          tieredEnd,
          visibleEnd,
          highWatermark,
          highWatermark,
          logEnd,
          epoch(),
          bytes,
          bytes);
    }

    private ReadResult.Cold cold() {
      return new ReadResult.Cold(
          snapshot(), List.of(new ColdReference(OBJECT, id, new OffsetRange(logStart, tieredEnd))));
    }

    private @Nullable Stored firstSince(TimeRequest request) {
      var at = snapshot();
      long from = Math.max(request.fromOffset(), at.logStartOffset());
      for (var batch : batches) {
        if (batch.header.maxTimestampMs() >= request.timestampMs()
            && batch.header.endOffset() > from
            && batch.header.endOffset() <= at.visibleEndOffset()) {
          return batch;
        }
      }
      return null;
    }
  }
}
