package io.tidelog.hot.leader;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.view.AppendedRecords;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.PartitionView;
import io.tidelog.hot.view.ProducerKey;
import io.tidelog.hot.view.ProducerState;
import io.tidelog.hot.view.SequenceCheck;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what the leader of a log writes in one term. The view holds what is committed; this
 * machine holds what was given out on top of it, and forgets it as it is committed, or at once when
 * a write failed. Belongs to the log's lane.
 */
public final class LogLeader {

  private final LogView view;
  private final long term;
  private final LeaderLimits limits;

  /** Offsets given out and not committed, by partition reference. */
  private final Map<Integer, Reservation> reservations = new HashMap<>();

  /** Producers with batches given out and not committed. */
  private final Map<ProducerKey, ProducerState> producers = new HashMap<>();

  private final Map<PartitionId, Integer> opening = new HashMap<>();

  /** Settings given and not committed, by partition reference; the newest ones. */
  private final Map<Integer, PendingConfig> configs = new HashMap<>();

  private final Set<PartitionId> closing = new HashSet<>();
  private final MoveLeader moves;
  private int nextPartitionRef;

  /**
   * @param newest what holds when all of them are committed
   * @param frames given and not committed
   */
  private record PendingConfig(PartitionConfig newest, int frames) {}

  private static final class Reservation {
    long nextOffset;
    long pendingBytes;
  }

  public LogLeader(LogView view, long term, LeaderLimits limits) {
    this.view = view;
    this.term = term;
    this.limits = limits;
    this.nextPartitionRef = view.nextPartitionRef();
    this.moves = new MoveLeader(view, limits, () -> nextPartitionRef++);
  }

  /** Decides about partitions that move to or from this log. */
  public MoveLeader moves() {
    return moves;
  }

  /**
   * Decides about batches for one partition and, when they are accepted, gives out their offsets
   * and stamps these and the leader epoch into {@code records}, which is borrowed.
   *
   * @param nowMs the append time it would get now
   */
  public AppendDecision decideAppend(
      PartitionId id, ByteBuffer records, long expectedBaseOffset, long nowMs) {
    var partition = view.find(id);
    if (partition == null || closing.contains(id) || !moves.isOpen(partition)) {
      return new AppendDecision.Reject(
          Refusal.NOT_LEADER_OR_FOLLOWER, "partition " + id + " is not open in this log");
    }
    long nextOffset = logEndOffset(partition);
    if (expectedBaseOffset != AppendRequest.ANY_OFFSET && expectedBaseOffset != nextOffset) {
      return new AppendDecision.Reject(
          Refusal.OFFSET_OUT_OF_RANGE,
          "the next offset is " + nextOffset + ", expected was " + expectedBaseOffset);
    }
    var refused = checkWhole(records);
    refused = refused != null ? refused : checkSize(records);
    refused = refused != null ? refused : checkPending(partition, records);
    return refused != null ? refused : decideBatches(partition, records, nextOffset, nowMs);
  }

  /** Whoever wrote the batches has checked more; the lane only makes sure that it can walk them. */
  private static AppendDecision.@Nullable Reject checkWhole(ByteBuffer records) {
    int at = records.position();
    while (records.limit() - at >= BatchHeader.SIZE_BYTES) {
      int size =
          records.getInt(at + BatchHeader.LENGTH_POSITION) + BatchHeader.LENGTH_OVERHEAD_BYTES;
      if (size < BatchHeader.SIZE_BYTES || size > records.limit() - at) {
        break;
      }
      at += size;
    }
    return at == records.limit() && records.hasRemaining()
        ? null
        : new AppendDecision.Reject(
            Refusal.CORRUPT_MESSAGE,
            records.remaining() + " bytes are no whole batches, from byte " + at + " on");
  }

  private AppendDecision.@Nullable Reject checkSize(ByteBuffer records) {
    int first =
        records.getInt(records.position() + BatchHeader.LENGTH_POSITION)
            + BatchHeader.LENGTH_OVERHEAD_BYTES;
    return first == records.remaining() || records.remaining() <= limits.frameBytes()
        ? null
        : new AppendDecision.Reject(
            Refusal.RECORD_LIST_TOO_LARGE,
            "batches of " + records.remaining() + " bytes, a frame holds " + limits.frameBytes());
  }

  private AppendDecision.@Nullable Reject checkPending(
      PartitionView partition, ByteBuffer records) {
    var gate = partition.gate();
    long max = partition.config().delayMaxPendingBytes();
    if (partition.config().delayMs() == 0 || max < 0) {
      return null;
    }
    var reservation = reservations.get(partition.ref());
    long pending =
        (gate == null ? 0 : gate.pendingBytes())
            + (reservation == null ? 0 : reservation.pendingBytes);
    return pending + records.remaining() <= max
        ? null
        : new AppendDecision.Reject(
            Refusal.POLICY_VIOLATION,
            pending + " bytes are pending, delay.max.pending.bytes=" + max);
  }

  private AppendDecision decideBatches(
      PartitionView partition, ByteBuffer records, long nextOffset, long nowMs) {
    List<BatchHeader> batches = new ArrayList<>(1);
    long offset = nextOffset;
    for (int at = records.position(); at < records.limit(); ) {
      var batch = numbered(BatchHeader.read(records, at), offset, partition.epochIn(term));
      var refused = checkBatch(batch);
      if (refused != null) {
        return refused;
      }
      if (batch.hasProducerId() && batch.baseSequence() >= 0) {
        if (batch.sizeBytes() != records.remaining()) {
          // As Kafka: a part of a request must not pass for a duplicate of the whole.
          return new AppendDecision.Reject(
              Refusal.INVALID_RECORD, "batches of an idempotent producer come one in a request");
        }
        var key = new ProducerKey(partition.ref(), batch.producerId());
        var state = producer(key, nowMs);
        boolean mayBeForgotten =
            view.producers().contains(key) || partition.mayHaveForgotten(batch.producerId());
        switch (ProducerState.check(state, batch, mayBeForgotten)) {
          case SequenceCheck.Next next ->
              producers.put(key, ProducerState.after(state, batch, nowMs));
          case SequenceCheck.Duplicate duplicate -> {
            return new AppendDecision.Duplicate(
                duplicate.baseOffset(), !producers.containsKey(key));
          }
          case SequenceCheck.Refused bad -> {
            return new AppendDecision.Reject(bad.refusal(), bad.message());
          }
        }
      }
      batches.add(batch);
      offset = batch.endOffset();
      at += batch.sizeBytes();
    }
    stamp(records, batches);
    reserve(partition.ref(), offset, records.remaining());
    return new AppendDecision.Accept(partition.ref(), batches);
  }

  private AppendDecision.@Nullable Reject checkBatch(BatchHeader batch) {
    if (batch.lastOffsetDelta() < 0 || batch.lastOffsetDelta() == Integer.MAX_VALUE) {
      return new AppendDecision.Reject(
          Refusal.INVALID_RECORD, "last offset delta " + batch.lastOffsetDelta());
    }
    if (batch.isTransactional()) {
      return new AppendDecision.Reject(
          Refusal.INVALID_TXN_STATE, "this server does not take transactional records yet");
    }
    if (batch.sizeBytes() > limits.frameBytes()) {
      return new AppendDecision.Reject(
          Refusal.MESSAGE_TOO_LARGE,
          "a batch of " + batch.sizeBytes() + " bytes, a frame holds " + limits.frameBytes());
    }
    return null;
  }

  private @Nullable ProducerState producer(ProducerKey key, long nowMs) {
    var pending = producers.get(key);
    return pending != null ? pending : view.producers().find(key, nowMs);
  }

  private static BatchHeader numbered(BatchHeader batch, long baseOffset, int leaderEpoch) {
    return new BatchHeader(
        baseOffset,
        batch.sizeBytes(),
        leaderEpoch,
        batch.magic(),
        batch.crc(),
        batch.attributes(),
        batch.lastOffsetDelta(),
        batch.baseTimestampMs(),
        batch.maxTimestampMs(),
        batch.producerId(),
        batch.producerEpoch(),
        batch.baseSequence(),
        batch.recordCount());
  }

  private static void stamp(ByteBuffer records, List<BatchHeader> batches) {
    int at = records.position();
    for (var batch : batches) {
      records.putLong(at + BatchHeader.BASE_OFFSET_POSITION, batch.baseOffset());
      records.putInt(at + BatchHeader.LEADER_EPOCH_POSITION, batch.leaderEpoch());
      at += batch.sizeBytes();
    }
  }

  private void reserve(int partitionRef, long nextOffset, int sizeBytes) {
    var reservation = reservations.computeIfAbsent(partitionRef, ref -> new Reservation());
    reservation.nextOffset = nextOffset;
    reservation.pendingBytes += sizeBytes;
  }

  /** The offset the next record of the partition gets, given-out ones counted. */
  public long logEndOffset(PartitionView partition) {
    var reservation = reservations.get(partition.ref());
    return reservation == null ? partition.nextOffset() : reservation.nextOffset;
  }

  /** Opens a partition, or gives an open one the config. */
  public ControlDecision decideOpen(PartitionSpec spec) {
    var partition = view.find(spec.id());
    if (closing.contains(spec.id())) {
      return new ControlDecision.Deny(
          new Fault.Retriable("partition " + spec.id() + " is being closed"));
    }
    if (partition == null ? moves.isMoves(spec.id()) : !moves.isOpen(partition)) {
      return isMoving(spec.id());
    }
    var known = opening.get(spec.id());
    if (known != null) {
      return configure(known, spec.config(), spec.config());
    }
    if (partition != null) {
      return configure(partition.ref(), partition.config(), spec.config());
    }
    int ref = nextPartitionRef++;
    opening.put(spec.id(), ref);
    onConfigPending(ref, spec.config());
    return new ControlDecision.Write(
        (inTerm, timeMs) ->
            new Frame.PartitionOpen(
                inTerm, timeMs, ref, spec.id(), spec.baseEpoch(), spec.config()));
  }

  public ControlDecision decideConfigure(PartitionId id, PartitionConfig config) {
    var partition = open(id);
    if (partition == null) {
      return notOpen(id);
    }
    if (!moves.isOpen(partition)) {
      return isMoving(id);
    }
    return configure(partition.ref(), partition.config(), config);
  }

  private ControlDecision configure(int ref, PartitionConfig committed, PartitionConfig wanted) {
    var pending = configs.get(ref);
    if ((pending == null ? committed : pending.newest()).equals(wanted)) {
      return new ControlDecision.Holds();
    }
    onConfigPending(ref, wanted);
    return new ControlDecision.Write(
        (inTerm, timeMs) -> new Frame.PartitionConfigure(inTerm, timeMs, ref, wanted));
  }

  private void onConfigPending(int ref, PartitionConfig config) {
    var before = configs.get(ref);
    configs.put(ref, new PendingConfig(config, before == null ? 1 : before.frames() + 1));
  }

  private void onConfigCommitted(int ref) {
    configs.computeIfPresent(
        ref,
        (same, pending) ->
            pending.frames() == 1
                ? null
                : new PendingConfig(pending.newest(), pending.frames() - 1));
  }

  public ControlDecision decideClose(PartitionId id) {
    var partition = view.find(id);
    Integer ref = partition == null ? opening.get(id) : Integer.valueOf(partition.ref());
    if (ref == null || !closing.add(id)) {
      return new ControlDecision.Holds();
    }
    int closed = ref;
    return new ControlDecision.Write(
        (inTerm, timeMs) -> new Frame.PartitionClose(inTerm, timeMs, closed));
  }

  /**
   * Moves the log start up.
   *
   * @param offset first offset to keep, or −1 for the visible end
   */
  public ControlDecision decideLogStart(PartitionId id, long offset, long nowMs) {
    var partition = open(id);
    if (partition == null || !moves.isOpen(partition)) {
      return notOpen(id);
    }
    long visibleEnd = partition.visibleEndOffset(nowMs);
    long start = offset == -1 ? visibleEnd : offset;
    if (start < 0 || start > visibleEnd) {
      return new ControlDecision.Deny(
          new Fault.Refused(
              Refusal.OFFSET_OUT_OF_RANGE,
              "log start " + offset + " is not within [0, " + visibleEnd + "]"));
    }
    return start <= partition.logStartOffset()
        ? new ControlDecision.Holds()
        : write(partition, (ref, time) -> new Frame.LogStart(term, time, ref, start));
  }

  /** Makes everything of a delayed partition due that is committed when the frame is. */
  public ControlDecision decideDeliverPending(PartitionId id) {
    var partition = open(id);
    if (partition == null || !moves.isOpen(partition)) {
      return notOpen(id);
    }
    return partition.gate() == null && !reservations.containsKey(partition.ref())
        ? new ControlDecision.Holds()
        : write(partition, (ref, time) -> new Frame.DeliverPending(term, time, ref));
  }

  /** Records that a segment is in the cold tier. */
  public ControlDecision decideColdCommit(ColdObject object) {
    if (object.term() != term) {
      return new ControlDecision.Deny(
          new Fault.Fenced("uploaded in term " + object.term() + ", the log is in " + term));
    }
    return view.needsOffload(object.baseLsn())
        ? new ControlDecision.Write(
            (inTerm, timeMs) -> new Frame.ColdCommit(inTerm, timeMs, object))
        : new ControlDecision.Holds();
  }

  private @Nullable PartitionView open(PartitionId id) {
    return closing.contains(id) ? null : view.find(id);
  }

  /** Its move, which is over soon, has the next word. */
  private static ControlDecision isMoving(PartitionId id) {
    return new ControlDecision.Deny(
        new Fault.Retriable("partition " + id + " is moving to or from this log"));
  }

  private static ControlDecision notOpen(PartitionId id) {
    return new ControlDecision.Deny(
        new Fault.Refused(
            Refusal.NOT_LEADER_OR_FOLLOWER, "partition " + id + " is not open in this log"));
  }

  private interface PartitionFrame {
    Frame at(int partitionRef, long appendTimeMs);
  }

  private static ControlDecision write(PartitionView partition, PartitionFrame frame) {
    int ref = partition.ref();
    return new ControlDecision.Write((inTerm, timeMs) -> frame.at(ref, timeMs));
  }

  /** These records are committed and applied to the view. */
  public void onCommitted(AppendedRecords records) {
    moves.onCommitted(records.partitionRef());
    var reservation = reservations.get(records.partitionRef());
    if (reservation != null) {
      reservation.pendingBytes -= records.sizeBytes();
      if (reservation.nextOffset == records.endOffset()) {
        reservations.remove(records.partitionRef());
      }
    }
    for (var batch : records.batches()) {
      if (batch.hasProducerId()) {
        producers.computeIfPresent(
            new ProducerKey(records.partitionRef(), batch.producerId()),
            (key, state) -> state.lastBatch().end() == batch.endOffset() ? null : state);
      }
    }
  }

  /** This control frame is committed and applied to the view. */
  public void onCommitted(Frame control) {
    moves.onCommitted(control);
    if (control instanceof Frame.PartitionOpen open) {
      opening.remove(open.id());
      onConfigCommitted(open.partitionRef());
    } else if (control instanceof Frame.PartitionConfigure configure) {
      onConfigCommitted(configure.partitionRef());
    } else if (control instanceof Frame.PartitionClose) {
      closing.removeIf(id -> view.find(id) == null && !opening.containsKey(id));
      configs.remove(control.partitionRef());
    }
  }

  /**
   * A write failed and nothing of it is in the log: forgets everything given out and not committed.
   * What was written before it and is not committed yet follows by {@link #onStillPending}.
   */
  public void forgetPending() {
    reservations.clear();
    producers.clear();
    opening.clear();
    configs.clear();
    closing.clear();
    moves.forgetPending();
    nextPartitionRef = view.nextPartitionRef();
  }

  /** These records were written before the write that failed. */
  public void onStillPending(AppendedRecords records) {
    reserve(records.partitionRef(), records.endOffset(), records.sizeBytes());
    for (var batch : records.batches()) {
      if (batch.hasProducerId() && batch.baseSequence() >= 0) {
        var key = new ProducerKey(records.partitionRef(), batch.producerId());
        var state = producer(key, records.appendTimeMs());
        producers.put(key, ProducerState.after(state, batch, records.appendTimeMs()));
      }
    }
  }

  /** This control frame was written before the write that failed. */
  public void onStillPending(Frame control) {
    moves.onStillPending(control);
    if (control instanceof Frame.ImportBegin begin) {
      nextPartitionRef = begin.partitionRef() + 1;
    } else if (control instanceof Frame.PartitionOpen open) {
      opening.put(open.id(), open.partitionRef());
      onConfigPending(open.partitionRef(), open.config());
      nextPartitionRef = open.partitionRef() + 1;
    } else if (control instanceof Frame.PartitionConfigure configure) {
      onConfigPending(configure.partitionRef(), configure.config());
    } else if (control instanceof Frame.PartitionClose close) {
      var partition = view.find(close.partitionRef());
      if (partition != null) {
        closing.add(partition.id());
      } else {
        opening.forEach(
            (id, ref) -> {
              if (ref == close.partitionRef()) {
                closing.add(id);
              }
            });
      }
    }
  }

  public long term() {
    return term;
  }

  public LeaderLimits limits() {
    return limits;
  }
}
