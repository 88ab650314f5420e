package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.leader.ReplicaProgress;
import io.tidelog.hot.runtime.ReplicaAppend.Reason;
import io.tidelog.hot.segment.AppendOutcome;
import io.tidelog.hot.segment.CheckpointCopy;
import io.tidelog.hot.segment.CheckpointFiles;
import io.tidelog.hot.segment.GroupScanner;
import io.tidelog.hot.segment.RawGroups;
import io.tidelog.hot.segment.Segment;
import io.tidelog.hot.segment.SegmentLog;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.PartitionView;
import io.tidelog.hot.view.TermHistory;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A recovered log on its lane, whoever leads it: its files, the view of what is committed, the
 * groups behind that, and their upkeep. It follows, until {@link #lead} makes it a leader's.
 *
 * <p>Promises: what does not check is never written; the view is applied up to the commit LSN and
 * not beyond; nothing is synced on the lane. Leaves to others: whom to follow, up to where logs are
 * the same, when to lead. Lane, unless said otherwise.
 */
public final class ReplicaLog {

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaLog.class);

  private final Parts parts;
  private final LogView view;
  private final SegmentLog log;
  private final LogCounters counters = new LogCounters();
  private final LogSyncs syncs;
  private final SegmentFinisher finisher;
  private final LogUpkeep upkeep;
  private final RangeReads ranges;
  private final LogClosing closing;
  private final GroupScanner scanner;

  /** Written and not committed, oldest first. */
  private final ArrayDeque<WrittenGroup> tail;

  private ReplicatedGroups.Before end;
  private long commitLsn;
  private ReplicaListener listener = ReplicaListener.NONE;
  private State state = State.FOLLOWING;
  private Fault.@Nullable Broken broken;

  private enum State {
    FOLLOWING,
    LED,
    CLOSED
  }

  /** What a recovered log is made of. */
  record Parts(
      LogDriver.Threads threads,
      Clock clock,
      HotTierConfig config,
      LocalSpace space,
      SegmentLog log,
      CheckpointFiles checkpoints,
      LogView view) {}

  /**
   * Where recovery left it.
   *
   * @param end terms and times up to the end of the log
   */
  record Recovered(
      List<WrittenGroup> tail,
      ReplicatedGroups.Before end,
      long commitLsn,
      LogUpkeep.Checkpoints checkpoints) {}

  ReplicaLog(Parts parts, Recovered recovered) {
    this.parts = parts;
    this.view = parts.view();
    this.log = parts.log();
    var threads = parts.threads();
    this.syncs =
        new LogSyncs(threads.lane(), threads.sync(), parts.clock(), log.writer(), counters);
    this.finisher = new SegmentFinisher(threads.lane(), threads.background(), log);
    this.ranges = new RangeReads(log.rawReads(), threads.readers());
    this.closing = new LogClosing(view.log(), log, syncs, threads);
    this.scanner = new GroupScanner(view.log());
    this.tail = new ArrayDeque<>(recovered.tail());
    this.end = recovered.end();
    this.commitLsn = recovered.commitLsn();
    this.upkeep =
        new LogUpkeep(
            new LogUpkeep.Parts(
                threads.lane(),
                threads.background(),
                parts.clock(),
                parts.config(),
                parts.space(),
                log,
                parts.checkpoints(),
                view,
                syncs,
                finisher,
                counters),
            recovered.checkpoints(),
            new FollowerRole());
    syncs.listener(this::onSyncEnded);
  }

  /** Any thread, once: upkeep begins. Not to be called when the log is led from the start. */
  public void start(ReplicaListener told) {
    lane()
        .execute(
            () -> {
              listener = told;
              upkeep.start();
            });
  }

  public LogId id() {
    return view.log();
  }

  /** Where the next write group begins. */
  public long endLsn() {
    return log.writer().endLsn();
  }

  /** Below it everything here is on stable storage. */
  public long syncedLsn() {
    return log.writer().syncedLsn();
  }

  /** The highest commit LSN known, at most the end of the log. */
  public long commitLsn() {
    return Math.min(commitLsn, endLsn());
  }

  /**
   * How far the view is applied. Behind the end of the log while a copy is being filled up to the
   * checkpoint it began with: then it must not lead.
   */
  public long appliedLsn() {
    return view.appliedLsn();
  }

  /** Lane: the partitions that the log has, open or not, as far as it is applied. */
  public Set<PartitionId> partitions() {
    return view.partitions().stream()
        .map(PartitionView::id)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Of the view as it is applied; equal on all copies that are applied as far. */
  public long viewHash() {
    return view.hash();
  }

  /** The newest term here, 0 before the first. */
  public long lastTerm() {
    return Math.max(0, end.lastTerm());
  }

  /** Where each term began, up to the end of the log, committed or not. */
  public TermHistory history() {
    return end.terms().upTo(endLsn());
  }

  /** First LSN that is still here. */
  public long startLsn() {
    return log.segments().startLsn();
  }

  /** Base LSN of the segment that holds the LSN, the active one's for the end; −1 when trimmed. */
  public long segmentBaseLsn(long lsn) {
    for (var segment : log.segments().list().reversed()) {
      if (segment.baseLsn() <= lsn) {
        return segment.baseLsn();
      }
    }
    return -1;
  }

  /** Whether groups of a segment with this base may follow, as {@link #append} asks. */
  public boolean mayFollow(long segmentBaseLsn) {
    return log.writer().mayFollow(segmentBaseLsn);
  }

  /** Raw write groups for other replicas. */
  public RangeReads ranges() {
    return ranges;
  }

  /** Reads the newest checkpoint for a new replica, as {@link CheckpointCopy} says. */
  public CompletionStage<CheckpointCopy> checkpointToSend() {
    // Where a segment begins is agreed on when something in it is committed.
    var bases =
        log.segments().list().stream()
            .map(Segment::baseLsn)
            .filter(base -> base == startLsn() || base < view.appliedLsn())
            .toList();
    return new CheckpointReading(parts.checkpoints(), bases, view.coldEndLsn())
        .readOn(parts.threads().background());
  }

  /**
   * Appends what the leader sent, all of it or nothing; borrows it. Written groups are synced
   * beside the lane, and {@link ReplicaListener#onSynced} is told.
   */
  public ReplicaAppend append(RawGroups groups) {
    if (state != State.FOLLOWING) {
      return new ReplicaAppend.Refused(Reason.NOT_FOLLOWING, "the log is " + state);
    }
    if (broken != null) {
      return new ReplicaAppend.Failed(broken);
    }
    if (groups.lsn() != endLsn()) {
      return new ReplicaAppend.Refused(
          Reason.NOT_NEXT, "groups from " + groups.lsn() + ", the log ends at " + endLsn());
    }
    if (!log.writer().mayFollow(groups.segmentBaseLsn())) {
      return new ReplicaAppend.Refused(
          Reason.OTHER_SEGMENT,
          "groups of segment "
              + groups.segmentBaseLsn()
              + ", the log ends in "
              + segmentBaseLsn(endLsn()));
    }
    long latestMs = parts.clock().wallMs() + parts.config().replication().maxAheadMs();
    var checked = new ReplicatedGroups(scanner, end, latestMs);
    var refused = checked.check(groups);
    return refused != null ? refused : write(groups, checked);
  }

  private ReplicaAppend write(RawGroups groups, ReplicatedGroups checked) {
    return switch (log.writer().appendReplicated(groups, checked.urgency())) {
      case AppendOutcome.Full full -> new ReplicaAppend.Full(full.message());
      case AppendOutcome.Failed failed -> {
        breakDown(failed.fault());
        yield new ReplicaAppend.Failed(failed.fault());
      }
      case AppendOutcome.Written written -> {
        end = checked.after();
        LogCounters.add(counters.groups, checked.groups().size());
        for (var group : checked.groups()) {
          // Below it the view has everything from the checkpoint that this copy began with.
          if (group.endLsn() > view.appliedLsn()) {
            tail.add(group);
          }
        }
        applyCommitted();
        finisher.finishSealed();
        if (parts.config().durability() == Durability.FSYNC) {
          syncs.sync();
        }
        yield new ReplicaAppend.Written(written.endLsn());
      }
    };
  }

  /**
   * The leader says how far the log is committed; what of it is here is applied to the view.
   *
   * @throws Fault.Broken when the view cannot follow: damage, or a bug
   */
  public void onCommit(long lsn) {
    commitLsn = Math.max(commitLsn, lsn);
    if (state == State.FOLLOWING && broken == null) {
      applyCommitted();
    }
  }

  private void applyCommitted() {
    while (!tail.isEmpty() && tail.getFirst().endLsn() <= commitLsn) {
      tail.removeFirst().applyTo(view);
    }
    counters.commitLsn.setRelease(commitLsn());
  }

  private void onSyncEnded(Fault.@Nullable Broken fault, long syncNs) {
    if (fault != null && state == State.FOLLOWING) {
      breakDown(fault);
      return;
    }
    if (state == State.FOLLOWING) {
      listener.onSynced(syncedLsn());
      if (parts.config().durability() == Durability.FSYNC) {
        syncs.sync();
      }
    }
  }

  /** Whether its files were let go of. */
  public boolean isClosed() {
    return state == State.CLOSED;
  }

  /** Why nothing can be written any more, or null. */
  public Fault.@Nullable Broken fault() {
    return broken;
  }

  /** Something failed on the lane that nobody there handled: stop writing. */
  public void onUncaught(Throwable failure) {
    breakDown(
        failure instanceof Fault.Broken fault
            ? fault
            : new Fault.Broken("a task of the log failed, log=" + id(), failure));
  }

  private void breakDown(Fault.Broken fault) {
    if (broken == null) {
      broken = fault;
      LOG.error("log stopped, it follows no more until opened anew, log={}", id(), fault);
      listener.onBroken(fault);
    }
  }

  /**
   * Leads from now on, in a new term, without opening anything again: the view stays, the tail
   * waits to be committed. {@link LogDriver#start} begins the term.
   *
   * @throws IllegalStateException when it does not follow, is broken, or is still being filled
   */
  public LogDriver lead(Leadership leadership) {
    if (state != State.FOLLOWING || broken != null) {
      throw new IllegalStateException("the log is " + state + ", fault " + broken);
    }
    if (view.appliedLsn() > endLsn() || leadership.term() <= lastTerm()) {
      throw new IllegalStateException(
          leadership
              + " of a log that ends at "
              + endLsn()
              + ", applied up to "
              + view.appliedLsn()
              + " in term "
              + lastTerm());
    }
    state = State.LED;
    return new LogDriver(this, leadership);
  }

  /**
   * What is wanted and not in the cold tier must be here. To be asked when everything is committed:
   * what waits for that may say that more is in the cold tier.
   */
  void requireWanted() {
    if (view.coldEndLsn() < startLsn()) {
      throw new Fault.Broken(
          "segments are missing that are not in the cold tier, log="
              + id()
              + " wantedFromLsn="
              + view.coldEndLsn()
              + " firstLsn="
              + startLsn());
    }
  }

  /** For the leader of this log: its term begins with the group at this LSN. */
  void onTermStarted(long term, long lsn) {
    end = new ReplicatedGroups.Before(end.terms().with(term, lsn), term, end.lastAppendTimeMs());
  }

  /** For the leader of this log. */
  Parts parts() {
    return parts;
  }

  /** For the leader of this log: written and not committed. */
  List<WrittenGroup> tail() {
    return List.copyOf(tail);
  }

  /** For the leader of this log. */
  long lastAppendTimeMs() {
    return end.lastAppendTimeMs();
  }

  /** For the leader of this log. */
  ReplicaProgress.Start progress() {
    return new ReplicaProgress.Start(endLsn(), syncedLsn(), commitLsn());
  }

  LogSyncs syncs() {
    return syncs;
  }

  SegmentFinisher finisher() {
    return finisher;
  }

  LogClosing closing() {
    return closing;
  }

  LogUpkeep upkeep() {
    return upkeep;
  }

  LogCounters counters() {
    return counters;
  }

  Lane lane() {
    return parts.threads().lane();
  }

  /**
   * Ends orderly: syncs what is written, saves the view, and lets go of the files. The stage
   * completes on the lane; calling it again gives the same stage.
   */
  public CompletionStage<Void> stop() {
    lane()
        .execute(
            () -> {
              if (state != State.CLOSED) {
                state = State.CLOSED;
                closing.syncAll(() -> upkeep.stop(this::finishStop));
              }
            });
    return closing.closed();
  }

  /**
   * Whether an orderly stop has left everything on stable storage; else the folder must not be
   * marked as cleanly left.
   */
  public boolean hasEndedClean() {
    return closing.isClean();
  }

  /** At the end of an orderly stop: lets go of the files. */
  void finishStop() {
    state = State.CLOSED;
    closing.finish();
  }

  /**
   * Ends at once: lets go of the files as they are, without a checkpoint. When the stage completes,
   * on the lane, nothing works on the folder any more: it may be cut and opened again. Calling it
   * again gives the same stage.
   */
  public CompletionStage<Void> abandon() {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      upkeep.cancel();
      closing.abandon();
    }
    return closing.closed();
  }

  /** Following adds nothing to upkeep: readers are elsewhere, and the leader rolls. */
  private final class FollowerRole implements LogRole {

    @Override
    public Fault.@Nullable Broken fault() {
      return broken;
    }

    @Override
    public void breakDown(Fault.Broken fault) {
      ReplicaLog.this.breakDown(fault);
    }

    @Override
    public void onTick(long nowNs, long nowMs) {}

    @Override
    public void beforeTrim(long goneLsn) {}

    @Override
    public void afterTick() {}
  }
}
