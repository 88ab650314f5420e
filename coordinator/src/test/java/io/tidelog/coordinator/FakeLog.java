package io.tidelog.coordinator;

import io.tidelog.core.BatchCheck;
import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A log in memory that keeps the contracts of a log: one lane gives out offsets, checks the
 * expected one, stamps batches in place and commits in order. What it holds survives a restart of
 * those who use it.
 */
final class FakeLog implements LogAppender, LogReader, PartitionHost, AutoCloseable {

  private static final int MAX_BATCH_BYTES = 8 << 20;

  private final ThreadLane lane = new ThreadLane("fake-log");
  private final Map<PartitionId, State> partitions = new ConcurrentHashMap<>();
  private final AtomicInteger appendsToRefuse = new AtomicInteger();
  private volatile boolean frozen;
  private volatile boolean silent;
  private volatile int leaderEpoch = 1;
  private final AtomicInteger snapshots = new AtomicInteger();
  private final List<Runnable> commits = new ArrayList<>();

  private record Batch(long baseOffset, long endOffset, ByteBuffer bytes) {}

  /** Changed on the log's lane; replaced as a whole. */
  private record State(
      PartitionConfig config, long start, long highWatermark, long end, List<Batch> batches) {

    long bytes() {
      return batches.stream().mapToLong(batch -> batch.bytes().remaining()).sum();
    }
  }

  /** The lane refuses as many of the next appends, as a full disk does. */
  void refuseAppends(int count) {
    appendsToRefuse.set(count);
  }

  /** What is appended from now on is not committed. */
  void freezeCommits() {
    frozen = true;
  }

  void thawCommits() {
    lane.execute(
        () -> {
          frozen = false;
          commits.forEach(Runnable::run);
          commits.clear();
        });
  }

  /** Another process may lead: nothing is told of any partition. */
  void fallSilent() {
    silent = true;
  }

  void lead(int epoch) {
    leaderEpoch = epoch;
  }

  private State state(PartitionId partition) {
    var state = partitions.get(partition);
    if (state == null) {
      throw new IllegalStateException(partition + " is not open");
    }
    return state;
  }

  @Override
  public void append(List<AppendRequest> requests) {
    lane.execute(() -> requests.forEach(this::append));
  }

  private void append(AppendRequest request) {
    var state = partitions.get(request.partition());
    if (state == null) {
      refuse(request, Refusal.NOT_LEADER_OR_FOLLOWER);
      return;
    }
    if (appendsToRefuse.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      refuse(request, Refusal.KAFKA_STORAGE_ERROR);
      return;
    }
    if (request.expectedBaseOffset() != AppendRequest.ANY_OFFSET
        && request.expectedBaseOffset() != state.end()) {
      refuse(request, Refusal.OFFSET_OUT_OF_RANGE);
      return;
    }
    BatchCheck.checkProduced(request.records(), MAX_BATCH_BYTES);
    var kept = ByteBuffer.allocate(request.records().remaining());
    kept.put(request.records().duplicate()).flip();
    var batches = new ArrayList<>(state.batches());
    long offset = state.end();
    for (int position = 0; position < kept.limit(); ) {
      var header = BatchHeader.read(kept, position);
      kept.putLong(position + BatchHeader.BASE_OFFSET_POSITION, offset);
      kept.putInt(position + BatchHeader.LEADER_EPOCH_POSITION, 0);
      long end = offset + header.recordCount();
      batches.add(new Batch(offset, end, kept.slice(position, header.sizeBytes())));
      offset = end;
      position += header.sizeBytes();
    }
    long base = state.end();
    long end = offset;
    partitions.put(
        request.partition(),
        new State(state.config(), state.start(), state.highWatermark(), end, batches));
    if (frozen) {
      commits.add(() -> commit(request, base, end));
    } else {
      commit(request, base, end);
    }
  }

  private void commit(AppendRequest request, long base, long end) {
    var state = state(request.partition());
    partitions.put(
        request.partition(),
        new State(state.config(), state.start(), end, state.end(), state.batches()));
    request.completion().onCompleted(new AppendResult.Appended(base, state.start()));
  }

  private static void refuse(AppendRequest request, Refusal refusal) {
    request.completion().onCompleted(new AppendResult.Refused(refusal, "refused by the test"));
  }

  /** How often it was asked how a partition stands. */
  int snapshots() {
    return snapshots.get();
  }

  @Override
  public PartitionSnapshot snapshot(PartitionId partition) {
    snapshots.incrementAndGet();
    var state = partitions.get(partition);
    return state == null || silent
        ? null
        : new PartitionSnapshot(
            partition,
            state.config(),
            state.start(),
            state.start(),
            0,
            state.highWatermark(),
            state.highWatermark(),
            state.highWatermark(),
            state.end(),
            leaderEpoch,
            state.bytes(),
            state.bytes());
  }

  @Override
  public void read(ReadRequest request, ReadCompletion completion) {
    var state = partitions.get(request.partition());
    if (state == null) {
      completion.onCompleted(new ReadResult.UnknownPartition());
      return;
    }
    var at = snapshot(request.partition());
    if (request.fetchOffset() < state.start() || request.fetchOffset() > state.end()) {
      completion.onCompleted(new ReadResult.OutOfRange(at));
      return;
    }
    List<RecordBytes.Part> parts = new ArrayList<>();
    int size = 0;
    for (var batch : state.batches()) {
      if (batch.endOffset() > request.fetchOffset() && batch.endOffset() <= state.highWatermark()) {
        if (size > 0 && size + batch.bytes().remaining() > request.maxBytes()) {
          break;
        }
        parts.add(new RecordBytes.MemoryPart(batch.bytes().duplicate()));
        size += batch.bytes().remaining();
      }
    }
    completion.onCompleted(new ReadResult.Records(at, new Bytes(size, List.copyOf(parts))));
  }

  private record Bytes(int sizeBytes, List<Part> parts) implements RecordBytes {
    @Override
    public void close() {}
  }

  @Override
  public void findByTime(TimeRequest request, ReadCompletion completion) {
    throw new UnsupportedOperationException();
  }

  @Override
  public EpochEnd endOfEpoch(PartitionId partition, int leaderEpoch) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void onAdvance(AdvanceListener listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<PartitionId> partitions() {
    return Set.copyOf(partitions.keySet());
  }

  @Override
  public CompletionStage<Void> open(List<PartitionSpec> specs) {
    return onLane(
        () -> {
          for (var spec : specs) {
            partitions.putIfAbsent(spec.id(), new State(spec.config(), 0, 0, 0, List.of()));
          }
          return null;
        });
  }

  @Override
  public CompletionStage<Void> close(List<PartitionId> ids) {
    return onLane(
        () -> {
          ids.forEach(partitions::remove);
          return null;
        });
  }

  @Override
  public CompletionStage<Void> configure(List<PartitionId> ids, PartitionConfig config) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Long> deleteBefore(PartitionId partition, long offset) {
    return onLane(
        () -> {
          var state = state(partition);
          if (offset > state.highWatermark()) {
            throw new Fault.Refused(Refusal.OFFSET_OUT_OF_RANGE, "offset " + offset);
          }
          var kept = state.batches().stream().filter(batch -> batch.endOffset() > offset).toList();
          long start = Math.max(state.start(), offset);
          partitions.put(
              partition,
              new State(state.config(), start, state.highWatermark(), state.end(), kept));
          return start;
        });
  }

  @Override
  public CompletionStage<List<ProducerEntry>> producers(PartitionId partition) {
    throw new UnsupportedOperationException();
  }

  private <T> CompletionStage<T> onLane(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, lane);
  }

  @Override
  public void close() {
    lane.close();
  }
}
