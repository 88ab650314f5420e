package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.hot.leader.AppendDecision;
import io.tidelog.hot.leader.ControlDecision;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.leader.FrameAt;
import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.leader.ReplicaProgress;
import io.tidelog.hot.leader.WriteGroup;
import io.tidelog.hot.segment.AppendOutcome;
import io.tidelog.hot.segment.SegmentWriter;
import io.tidelog.hot.view.LogView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of an append from decision to commit: gathered, written with one write, synced beside the
 * lane while the next group gathers, applied to the view, published, answered. Owned by the log's
 * lane.
 *
 * <p>When the disk is full, what was gathered is refused and what was written before goes its way.
 * When a write or a sync fails otherwise, nothing is written ever again by this process: all in
 * flight is uncertain, all that comes is refused, reads of what is committed go on, and a restart
 * recovers what is really there. When too few replicas are in sync, what waits for all of them is
 * answered that it may not survive, and what need not wait goes on.
 */
final class CommitPipeline {

  private static final Logger LOG = LoggerFactory.getLogger(CommitPipeline.class);

  /** A gathered group of this size is written even while a sync is under way. */
  static final int EAGER_BYTES = 1 << 20;

  /** No frame but those of moves is larger: the largest one names a cold object. */
  private static final int MAX_CONTROL_BYTES = 4096;

  private final LogSyncs syncs;
  private final Clock clock;
  private final Durability durability;
  private final long maxUncommittedBytes;
  private final LogView view;
  private final LogLeader leader;
  private final SegmentWriter writer;
  private final GroupWriter groupWriter;
  private final ReplicaProgress progress;
  private final LogCounters counters;
  private final Refusals refusals;
  private final Consumer<Set<Integer>> onCommitted;

  private WriteGroup gathering;
  private List<CommitWaiter> gatheringWaiters = new ArrayList<>();

  /** Of a group that is being written, and perhaps was not when writing it failed. */
  private List<CommitWaiter> writingWaiters = List.of();

  private boolean isLeaderAckGathered;
  private final InFlightGroups inFlight;
  private long lastAppendTimeMs;
  private boolean isStarted;
  private boolean isDeposed;
  private ProgressListener listener = ProgressListener.NONE;
  private volatile Fault.@Nullable Broken broken;

  /**
   * What a pipeline works with.
   *
   * @param replica the log that is led
   */
  record Parts(
      ReplicaLog replica,
      LogLeader leader,
      long term,
      ReplicaProgress progress,
      Refusals refusals) {}

  /**
   * @param onCommitted told which partitions a commit touched, before any append is answered; empty
   *     when the commit was of the log only
   */
  CommitPipeline(Parts parts, Consumer<Set<Integer>> onCommitted) {
    var replica = parts.replica();
    var log = replica.parts().log();
    var config = replica.parts().config();
    this.syncs = replica.syncs();
    this.clock = replica.parts().clock();
    this.durability = config.durability();
    this.maxUncommittedBytes = config.replication().uncommittedBytes();
    this.view = replica.parts().view();
    this.leader = parts.leader();
    this.writer = log.writer();
    this.groupWriter = new GroupWriter(view.log(), writer, log.segments(), parts.term());
    this.progress = parts.progress();
    this.counters = replica.counters();
    this.refusals = parts.refusals();
    this.onCommitted = onCommitted;
    this.gathering = new WriteGroup(leader.limits());
    this.lastAppendTimeMs = replica.lastAppendTimeMs();
    this.inFlight = new InFlightGroups(view, leader, replica.tail());
    syncs.listener(this::onSyncEnded);
  }

  /** The append time of what is written now: never decreasing in a log. */
  private long appendTimeMs() {
    return Math.max(lastAppendTimeMs, clock.wallMs());
  }

  /** Decides about one append; {@link #flush} writes it. */
  void append(AppendRequest request) {
    if (isDeposed) {
      refuse(request, Refusal.NOT_LEADER_OR_FOLLOWER, "another process leads the log");
      return;
    }
    if (!isStarted) {
      refuse(request, Refusal.NOT_LEADER_OR_FOLLOWER, "the term has not begun");
      return;
    }
    if (broken != null) {
      refuse(request, Refusal.KAFKA_STORAGE_ERROR, "the log is broken, see the server's log");
      return;
    }
    if (writer.isFull()) {
      refuse(request, Refusal.KAFKA_STORAGE_ERROR, "the disk is full");
      return;
    }
    if (progress.isFrozen() && request.acks() == Acks.ALL) {
      refuse(request, Refusal.NOT_ENOUGH_REPLICAS, "too few replicas are in sync");
      return;
    }
    if (progress.writtenLsn() - progress.commitLsn() >= maxUncommittedBytes) {
      refuse(request, Refusal.NOT_ENOUGH_REPLICAS, "too much waits for replicas to have it");
      return;
    }
    if (!gathering.hasRoomFor(request.records().remaining())) {
      write();
    }
    var decision =
        leader.decideAppend(
            request.partition(), request.records(), request.expectedBaseOffset(), appendTimeMs());
    switch (decision) {
      case AppendDecision.Accept accept -> accept(request, accept);
      case AppendDecision.Duplicate duplicate -> answerDuplicate(request, duplicate);
      case AppendDecision.Reject reject -> refuse(request, reject.refusal(), reject.message());
    }
  }

  private void accept(AppendRequest request, AppendDecision.Accept accept) {
    gathering.add(accept, request.records());
    isLeaderAckGathered |= request.acks() == Acks.LEADER;
    gatheringWaiters.add(waiter(request, accept.baseOffset()));
    LogCounters.add(counters.appendedBytes, request.records().remaining());
    LogCounters.add(
        counters.appendedRecords, accept.batches().getLast().endOffset() - accept.baseOffset());
  }

  private void answerDuplicate(AppendRequest request, AppendDecision.Duplicate duplicate) {
    LogCounters.add(counters.duplicates, 1);
    var waiter = waiter(request, duplicate.baseOffset());
    if (duplicate.committed()) {
      Answers.tell(() -> waiter.onCommitted());
    } else {
      waitForAll(waiter);
    }
  }

  private CommitWaiter waiter(AppendRequest request, long baseOffset) {
    var partition = view.find(request.partition());
    if (partition == null) {
      throw new IllegalStateException("accepted for " + request.partition() + ", not open");
    }
    return new AppendWaiter(request, partition, baseOffset, counters);
  }

  /** Answers without deciding. */
  void refuse(AppendRequest request, Refusal refusal, String message) {
    refusals.refuse(request, refusal, message);
  }

  /**
   * Carries out a decision about the log itself; {@link #flush} writes it. It is asked for when
   * there is room for its frame: a write that fails takes back what was decided before it.
   */
  void change(Supplier<ControlDecision> decide, CompletableFuture<Void> done) {
    change(MAX_CONTROL_BYTES, decide, done);
  }

  /**
   * As {@link #change(Supplier, CompletableFuture)}.
   *
   * @param sizeBytes of what may be decided to be written, at most
   */
  void change(int sizeBytes, Supplier<ControlDecision> decide, CompletableFuture<Void> done) {
    var waiter = new ControlWaiter(done);
    var fault = reasonToDeny();
    if (fault != null) {
      waiter.onRefused(fault);
      return;
    }
    if (!gathering.hasRoomFor(sizeBytes)) {
      write();
    }
    switch (decide.get()) {
      case ControlDecision.Write write -> {
        gathering.add(write.frame());
        gatheringWaiters.add(waiter);
      }
      case ControlDecision.WriteRecords write -> {
        gathering.add(write.accept(), write.records());
        gatheringWaiters.add(waiter);
      }
      case ControlDecision.Holds holds -> waitForAll(waiter);
      case ControlDecision.Deny deny -> waiter.onRefused(deny.fault());
    }
  }

  private @Nullable Fault reasonToDeny() {
    if (isDeposed) {
      return new Fault.Fenced("another process leads the log, log=" + view.log());
    }
    if (!isStarted) {
      return new Fault.Retriable("the term has not begun, log=" + view.log());
    }
    if (broken == null && progress.isFrozen()) {
      return new Fault.Retriable("too few replicas are in sync, log=" + view.log());
    }
    return broken;
  }

  /**
   * Writes the first frame of the term, in a group of its own, whatever is under way; gives whether
   * it is written. Nothing else is before it is.
   */
  boolean startTerm(FrameAt frame, CompletableFuture<Void> done) {
    long startLsn = writer.endLsn();
    gathering.add(frame);
    gatheringWaiters.add(new ControlWaiter(done));
    write();
    isStarted = writer.endLsn() > startLsn;
    if (durability == Durability.FSYNC) {
      sync();
    }
    return isStarted;
  }

  /** Tells the waiter when all that was given out so far is as far as it waits for. */
  private void waitForAll(CommitWaiter waiter) {
    if (!gathering.isEmpty()) {
      gatheringWaiters.add(waiter);
    } else if (!inFlight.isEmpty()) {
      inFlight.waitForAll(waiter);
    } else {
      Answers.tell(waiter::onCommitted);
    }
  }

  /** Whether the lane should leave further appends in the mailbox. */
  boolean isSaturated(long maxUnsyncedBytes) {
    return durability == Durability.FSYNC
        && broken == null
        && progress.writtenLsn() - progress.syncedLsn() >= maxUnsyncedBytes;
  }

  /** Writes what is gathered, unless it may gather more while a sync is under way. */
  void flush() {
    if (isDeposed) {
      return;
    }
    if (!gathering.isEmpty()
        && (!syncs.isSyncing()
            || isLeaderAckGathered
            || durability == Durability.REPLICATED
            || gathering.sizeBytes() >= EAGER_BYTES)) {
      write();
    }
    if (durability == Durability.FSYNC) {
      sync();
    }
  }

  private void write() {
    var group = gathering;
    var waiters = gatheringWaiters;
    writingWaiters = waiters;
    gathering = new WriteGroup(leader.limits());
    gatheringWaiters = new ArrayList<>();
    isLeaderAckGathered = false;
    long timeMs = appendTimeMs();
    // What only the page cache holds may be lost with the power, and must not look like damage.
    long durableLsn = Math.min(progress.commitLsn(), progress.syncedLsn());
    var result = groupWriter.write(group, timeMs, durableLsn);
    if (!(result.outcome() instanceof AppendOutcome.Failed)) {
      writingWaiters = List.of();
    }
    switch (result.outcome()) {
      case AppendOutcome.Written written -> {
        lastAppendTimeMs = timeMs;
        LogCounters.add(counters.groups, 1);
        waiters.removeIf(waiter -> Answers.tellWritten(waiter));
        inFlight.add(new WrittenGroup(written.endLsn(), result.entries(), waiters));
        progress.onWritten(written.endLsn());
        listener.onWritten(written.endLsn());
        commit();
      }
      case AppendOutcome.Full full -> onFull(full.message(), waiters);
      case AppendOutcome.Failed failed -> breakDown(failed.fault());
    }
  }

  /** Nothing of the group is in the log: its offsets and sequences are given out again. */
  private void onFull(String message, List<CommitWaiter> waiters) {
    LOG.error("disk full, records are refused, log={} reason={}", view.log(), message);
    leader.forgetPending();
    inFlight.tellPending();
    var fault = new Fault.Retriable(message);
    waiters.forEach(waiter -> Answers.tell(() -> waiter.onRefused(fault)));
  }

  /** Begins a sync, unless one is under way or everything written is synced. */
  void sync() {
    syncs.sync();
  }

  private void onSyncEnded(Fault.@Nullable Broken fault, long syncNs) {
    int answered = 0;
    if (isDeposed) {
      return;
    }
    if (fault != null) {
      breakDown(fault);
    } else if (broken == null) {
      progress.onSynced(writer.syncedLsn());
      listener.onSynced(writer.syncedLsn());
      answered = commit();
    }
    onSyncEnded.onSyncEnded(syncNs, answered);
  }

  private SyncListener onSyncEnded = (syncNs, answered) -> {};

  /** Told after each sync, whatever came of it. */
  interface SyncListener {

    /**
     * @param answered how many waited for it
     */
    void onSyncEnded(long syncNs, int answered);
  }

  /** The lane may go on with what it left waiting. */
  void onSyncEnded(SyncListener listener) {
    onSyncEnded = listener;
  }

  void listener(ProgressListener next) {
    listener = next;
  }

  /** As {@link ProgressListener#onUnreadable}. */
  void onUnreadable(Fault.Broken why) {
    listener.onUnreadable(why);
  }

  /** As {@link ReplicaProgress#onReplicas}. */
  void onReplicas(long lsn) {
    progress.onReplicas(lsn);
    commit();
  }

  /** As {@link ReplicaProgress#onInSync}. */
  void onInSync(boolean isEnough) {
    progress.onInSync(isEnough);
    if (!isEnough) {
      if (!gathering.isEmpty()) {
        write();
      }
      inFlight.tellNotEnoughReplicas();
    }
    commit();
  }

  /** Gives how many were answered. */
  private int commit() {
    if (isDeposed || broken != null) {
      return 0;
    }
    Set<Integer> touched = new LinkedHashSet<>();
    int groups = inFlight.apply(progress.commitLsn(), touched);
    if (groups == 0) {
      return 0;
    }
    onCommitted.accept(touched);
    int answered = inFlight.answer(groups);
    listener.onCommitted(progress.commitLsn());
    return answered;
  }

  /** A bug, or damage: as a failed write. */
  void breakDown(Fault.Broken fault) {
    boolean isFirst = broken == null;
    if (isFirst) {
      LOG.error("log stopped, it refuses writes until restarted, log={}", view.log(), fault);
    }
    end(fault);
    if (isFirst) {
      listener.onBroken(fault);
    }
  }

  /** At the end: what is written and not committed is uncertain. */
  void stop() {
    end(new Fault.Broken("the log is closed, log=" + view.log()));
  }

  /** Another process leads, or will: what is written and not committed is uncertain. */
  void depose() {
    isDeposed = true;
    answerAll(new Fault.Fenced("another process leads the log, log=" + view.log()));
  }

  private void end(Fault.Broken fault) {
    if (broken == null) {
      broken = fault;
    }
    answerAll(fault);
  }

  private void answerAll(Fault fault) {
    refusals.close();
    List<CommitWaiter> uncertain = new ArrayList<>();
    inFlight.drainTo(uncertain);
    uncertain.addAll(writingWaiters);
    writingWaiters = List.of();
    var gathered = gatheringWaiters;
    gatheringWaiters = new ArrayList<>();
    gathering = new WriteGroup(leader.limits());
    uncertain.forEach(waiter -> Answers.tell(() -> waiter.onUncertain(fault)));
    gathered.forEach(waiter -> Answers.tell(() -> waiter.onRefused(fault)));
  }

  /** Whether what is decided now waits for the end of the sync under way. */
  boolean isSyncAwaited() {
    return syncs.isSyncing() && durability == Durability.FSYNC && broken == null;
  }

  /** Whether nothing is gathered. */
  boolean isEmpty() {
    return gathering.isEmpty();
  }

  /** Whether nothing waits for this process: what is in flight is synced here. */
  boolean isIdle() {
    return gathering.isEmpty()
        && !syncs.isSyncing()
        && (inFlight.isEmpty() || writer.syncedLsn() == writer.endLsn());
  }

  /** Why nothing can be written any more, or null. Any thread. */
  Fault.@Nullable Broken fault() {
    return broken;
  }
}
