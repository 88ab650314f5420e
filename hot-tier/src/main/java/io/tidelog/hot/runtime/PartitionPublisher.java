package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.LogReader.AdvanceListener;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.PendingRecords;
import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.segment.SegmentRuns;
import io.tidelog.hot.view.CoveredSegments;
import io.tidelog.hot.view.EpochHistory;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.PartitionView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes where partitions stand, after each commit and whenever a delayed record comes due, and
 * tells the listeners, from when it is opened until it is stopped. The lane publishes; any thread
 * reads.
 */
final class PartitionPublisher {

  private static final Logger LOG = LoggerFactory.getLogger(PartitionPublisher.class);

  /** The wall clock may be set while a due time is waited for: it is looked at this often. */
  private static final long MAX_WAIT_MS = 10_000;

  private static final long NANOS_PER_MS = 1_000_000;

  private final Lane lane;
  private final Clock clock;
  private final LogView view;
  private final LogLeader leader;
  private final List<AdvanceListener> listeners = new CopyOnWriteArrayList<>();

  /** Replaced as a whole when a partition is opened or closed. */
  private volatile Map<PartitionId, PartitionSlot> slots = Map.of();

  private volatile CoveredSegments covered;

  /** Those that nobody is shown, by reference: they come in from other logs, or are in doubt. */
  private volatile Map<Integer, SegmentRuns.Wanted> hidden = Map.of();

  /**
   * Closed for a move in an earlier term, by reference. They may have moved before this term began,
   * which then counts for nothing in the leader epoch of their new home: nobody may be shown them
   * in this term's epoch before it is known that they live here still.
   */
  private volatile Map<Integer, PartitionId> doubtful = Map.of();

  /** Slots by partition reference; the lane's own. */
  private final Map<Integer, PartitionSlot> byRef = new HashMap<>();

  private final PriorityQueue<Due> dues = new PriorityQueue<>(Comparator.comparing(Due::dueMs));
  private final Map<Integer, Long> scheduledDues = new HashMap<>();
  private long wakeUpMs = Long.MAX_VALUE;
  private Runnable cancelWakeUp = () -> {};
  private long localStartLsn;
  private long publishedColdCommits;
  private boolean isOpen;

  private record Due(long dueMs, int partitionRef) {}

  PartitionPublisher(Lane lane, Clock clock, LogView view, LogLeader leader) {
    this.lane = lane;
    this.clock = clock;
    this.view = view;
    this.leader = leader;
    this.covered = view.coveredSegments();
    this.publishedColdCommits = view.coldCommits();
  }

  /** Begins to publish, and tells the listeners of everything. */
  void open(long firstLocalStartLsn) {
    isOpen = true;
    Map<Integer, PartitionId> closed = new HashMap<>();
    for (var partition : view.moving()) {
      if (partition.isShown()) {
        closed.put(partition.ref(), partition.id());
      }
    }
    doubtful = Map.copyOf(closed);
    publishAll(firstLocalStartLsn);
    tell(byRef.keySet());
  }

  /** Whether it is not shown, since it may live in another log. */
  boolean isDoubtful(PartitionView partition) {
    return doubtful.containsKey(partition.ref());
  }

  /** The partition lives here, in this term too: it is shown. */
  void onAtHome(PartitionView partition) {
    if (isOpen && isDoubtful(partition)) {
      doubtOnly(doubted -> !doubted.equals(partition));
      onCommitted(Set.of(partition.ref()));
    }
  }

  /** Whoever is open, or gone, is in doubt no more. */
  private void doubtOnly(Predicate<PartitionView> left) {
    if (doubtful.isEmpty()) {
      return;
    }
    Map<Integer, PartitionId> next = new HashMap<>();
    doubtful.forEach(
        (ref, id) -> {
          var partition = view.find((int) ref);
          if (partition != null && !partition.isOpen() && left.test(partition)) {
            next.put(ref, id);
          }
        });
    doubtful = Map.copyOf(next);
  }

  /** Publishes everything, when the oldest segments are about to be given up. */
  void publishAll(long newLocalStartLsn) {
    if (!isOpen) {
      return;
    }
    localStartLsn = newLocalStartLsn;
    publishedColdCommits = view.coldCommits();
    covered = view.coveredSegments();
    var next = new HashMap<PartitionId, PartitionSlot>();
    byRef.clear();
    long nowMs = clock.wallMs();
    for (var partition : view.partitions()) {
      if (!isShown(partition)) {
        continue;
      }
      var slot = slots.get(partition.id());
      var published = published(partition, nowMs, slot);
      if (slot == null || slot.partitionRef() != partition.ref()) {
        slot = new PartitionSlot(partition.ref(), published);
      } else {
        slot.set(published);
      }
      next.put(partition.id(), slot);
      byRef.put(partition.ref(), slot);
      schedule(partition);
    }
    slots = next;
    publishHidden();
    scheduledDues.keySet().retainAll(byRef.keySet());
    armTimer();
  }

  /** Base LSN of the oldest segment that readers look into. */
  long localStartLsn() {
    return localStartLsn;
  }

  /** Publishes what a commit touched, and tells the listeners once. */
  void onCommitted(Set<Integer> touched) {
    if (!isOpen) {
      return;
    }
    doubtOnly(doubted -> true);
    if (view.coldCommits() != publishedColdCommits) {
      publishAll(localStartLsn);
    } else {
      publish(touched);
    }
    covered = view.coveredSegments();
    tell(touched);
    armTimer();
  }

  private void publish(Collection<Integer> touched) {
    long nowMs = clock.wallMs();
    Map<PartitionId, PartitionSlot> changed = null;
    for (int ref : touched) {
      var partition = shown(ref);
      var slot = byRef.get(ref);
      if (partition != null && slot != null) {
        slot.set(published(partition, nowMs, slot));
        schedule(partition);
      } else if (partition != null || slot != null) {
        changed = changed == null ? new HashMap<>(slots) : changed;
        addOrRemove(ref, partition, nowMs, changed);
      }
    }
    if (changed != null) {
      slots = changed;
    }
    publishHidden();
  }

  private @Nullable PartitionView shown(int ref) {
    var partition = view.find(ref);
    return partition != null && isShown(partition) ? partition : null;
  }

  private boolean isShown(PartitionView partition) {
    return partition.isShown() && !isDoubtful(partition);
  }

  private void publishHidden() {
    if (view.moving().isEmpty() && hidden.isEmpty()) {
      return;
    }
    Map<Integer, SegmentRuns.Wanted> next = new HashMap<>();
    for (var partition : view.moving()) {
      if (!isShown(partition)) {
        next.put(
            partition.ref(), wanted(partition.id(), partition.epochs(), partition.baseEpoch()));
      }
    }
    hidden = next;
  }

  private static SegmentRuns.Wanted wanted(PartitionId id, EpochHistory epochs, int baseEpoch) {
    return new SegmentRuns.Wanted(
        id,
        (offset, term) -> {
          int known = epochs.epochOf(offset);
          return known >= 0 ? known : baseEpoch + (int) term;
        });
  }

  private void addOrRemove(
      int ref, @Nullable PartitionView partition, long nowMs, Map<PartitionId, PartitionSlot> to) {
    if (partition == null) {
      var gone = byRef.remove(ref);
      scheduledDues.remove(ref);
      if (gone != null) {
        to.remove(gone.get().at().id(), gone);
      }
      return;
    }
    var slot = new PartitionSlot(ref, published(partition, nowMs, null));
    byRef.put(ref, slot);
    to.put(partition.id(), slot);
    schedule(partition);
  }

  private PartitionSlot.Published published(
      PartitionView partition, long nowMs, @Nullable PartitionSlot slot) {
    long highWatermark = partition.nextOffset();
    long visibleEnd = partition.visibleEndOffset(nowMs);
    if (slot != null && slot.partitionRef() == partition.ref()) {
      visibleEnd = Math.max(visibleEnd, slot.get().at().visibleEndOffset());
    }
    var at =
        new PartitionSnapshot(
            partition.id(),
            partition.config(),
            partition.logStartOffset(),
            partition.startOffsetFrom(localStartLsn),
            partition.tieredEndOffset(view.coldEndLsn()),
            visibleEnd,
            highWatermark,
            highWatermark,
            leader.logEndOffset(partition),
            partition.epochIn(leader.term()),
            partition.bytesFrom(localStartLsn),
            partition.totalBytes());
    return new PartitionSlot.Published(
        at,
        partition.epochs(),
        partition.runsBefore(localStartLsn),
        partition.runsBefore(view.coldEndLsn()),
        localStartLsn,
        pending(partition, at));
  }

  private static @Nullable PendingRecords pending(PartitionView partition, PartitionSnapshot at) {
    var gate = partition.gate();
    return gate == null || gate.nextDueMs() == Long.MAX_VALUE
        ? null
        : new PendingRecords(at, gate.pendingBytes(), gate.nextDueMs(), partition.lastDueMs());
  }

  private void tell(Collection<Integer> touched) {
    if (listeners.isEmpty() || touched.isEmpty()) {
      return;
    }
    List<PartitionId> ids = new ArrayList<>(touched.size());
    for (int ref : touched) {
      var slot = byRef.get(ref);
      if (slot != null) {
        ids.add(slot.get().at().id());
      }
    }
    for (var listener : listeners) {
      try {
        listener.onAdvanced(ids);
      } catch (RuntimeException e) {
        LOG.error("telling that partitions advanced failed, log={}", view.log(), e);
      }
    }
  }

  private void schedule(PartitionView partition) {
    var gate = partition.gate();
    long dueMs = gate == null ? Long.MAX_VALUE : gate.nextDueMs();
    if (dueMs == Long.MAX_VALUE) {
      scheduledDues.remove(partition.ref());
    } else if (!Long.valueOf(dueMs).equals(scheduledDues.put(partition.ref(), dueMs))) {
      dues.add(new Due(dueMs, partition.ref()));
    }
  }

  /** One timer for all gates, at the earliest due time, rounded up. */
  private void armTimer() {
    while (!dues.isEmpty() && !isCurrent(dues.peek())) {
      dues.remove();
    }
    long dueMs = dues.isEmpty() ? Long.MAX_VALUE : dues.peek().dueMs();
    if (dueMs == wakeUpMs) {
      return;
    }
    cancelWakeUp.run();
    wakeUpMs = dueMs;
    if (dueMs != Long.MAX_VALUE) {
      long waitMs = Math.clamp(dueMs - clock.wallMs(), 0, MAX_WAIT_MS);
      cancelWakeUp = lane.executeAt(clock.monotonicNs() + waitMs * NANOS_PER_MS, this::onDue);
    }
  }

  private boolean isCurrent(Due due) {
    return Long.valueOf(due.dueMs()).equals(scheduledDues.get(due.partitionRef()));
  }

  private void onDue() {
    wakeUpMs = Long.MAX_VALUE;
    cancelWakeUp = () -> {};
    long nowMs = clock.wallMs();
    List<Integer> due = new ArrayList<>();
    while (!dues.isEmpty() && dues.peek().dueMs() <= nowMs) {
      var next = dues.remove();
      if (isCurrent(next)) {
        scheduledDues.remove(next.partitionRef());
        due.add(next.partitionRef());
      }
    }
    publish(due);
    tell(due);
    armTimer();
  }

  /** Any thread: what is published of a partition, or null. */
  @Nullable PartitionSlot find(PartitionId id) {
    return slots.get(id);
  }

  /** Any thread: those that are shown, and those of which it is in doubt. */
  Set<PartitionId> partitions() {
    var partitions = new HashSet<>(slots.keySet());
    partitions.addAll(doubtful.values());
    return Set.copyOf(partitions);
  }

  /** Any thread: what is not due yet, of every partition. */
  List<PendingRecords> pending() {
    List<PendingRecords> pending = new ArrayList<>();
    for (var slot : slots.values()) {
      var ofPartition = slot.get().pending();
      if (ofPartition != null) {
        pending.add(ofPartition);
      }
    }
    return pending;
  }

  /** Any thread: what each partition is called and who wrote it, by its reference. */
  Map<Integer, SegmentRuns.Wanted> wanted() {
    Map<Integer, SegmentRuns.Wanted> wanted = new HashMap<>(hidden);
    for (var slot : slots.values()) {
      var now = slot.get();
      int baseEpoch = Math.toIntExact(now.at().leaderEpoch() - leader.term());
      wanted.put(slot.partitionRef(), wanted(now.at().id(), now.epochs(), baseEpoch));
    }
    return wanted;
  }

  /** Any thread. */
  CoveredSegments covered() {
    return covered;
  }

  /** Any thread. */
  void onAdvance(AdvanceListener listener) {
    listeners.add(listener);
  }

  /** What was published is gone, and nothing follows. */
  void withdraw() {
    stop();
    slots = Map.of();
  }

  /** Publishes nothing more. */
  void stop() {
    isOpen = false;
    cancelWakeUp.run();
  }
}
