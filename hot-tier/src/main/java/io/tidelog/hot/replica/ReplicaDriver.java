package io.tidelog.hot.replica;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.disk.DiskIdentity;
import io.tidelog.hot.disk.PromiseFile;
import io.tidelog.hot.runtime.Leadership;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.hot.runtime.LogOpener;
import io.tidelog.hot.runtime.ReplicaAppend;
import io.tidelog.hot.runtime.ReplicaListener;
import io.tidelog.hot.runtime.ReplicaLog;
import io.tidelog.hot.segment.CheckpointCopy;
import io.tidelog.hot.segment.CopyStanding;
import io.tidelog.hot.segment.FolderReset;
import io.tidelog.hot.segment.LogTruncation;
import io.tidelog.hot.segment.RawGroups;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.LogRegistry;
import io.tidelog.metadata.api.Subscription;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what the {@link ReplicaMachine} of one log decides: sends, writes, proposes, cuts,
 * leads. What blocks runs in the background; everything else on the log's lane. Any thread may call
 * its public methods.
 */
public final class ReplicaDriver {

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaDriver.class);

  private final Parts parts;
  private final LogId id;
  private final Lane lane;
  private final OpenLog log;
  private final ReplicaMachine machine;
  private final EffectLoop loop;
  private final RecordDesk desk;
  private final RangeSender ranges;
  private final CheckpointServing checkpoints;
  private final CheckpointCopying copying;
  private final LogReopening reopening;

  /** What is led here, or null while it is not. */
  private @Nullable LedTerm term;

  private final RandomGenerator random;

  /** To records of logs, and to moves of partitions. */
  private volatile List<Subscription> subscriptions = List.of();

  private volatile Fault.@Nullable Broken fault;
  private volatile boolean isFull;
  private volatile boolean hasEndedClean;
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  /**
   * What a replica works with.
   *
   * @param log how its folder is opened, the first time
   * @param incarnation of this process
   * @param newDiskId draws the id of a disk that begins anew
   * @param leading told when terms begin and end here
   * @param moves of partitions between this log and others
   */
  public record Parts(
      LogDriver.Threads threads,
      LogOpener.ReplicaParts log,
      ReplicaConfig config,
      ReplicaTransport transport,
      LogRegistry registry,
      UUID incarnation,
      DiskIds newDiskId,
      TermListener leading,
      MoveParts moves) {

    long nowNs() {
      return log.clock().monotonicNs();
    }
  }

  /** Draws ids of disks. */
  public interface DiskIds {
    UUID next();
  }

  private ReplicaDriver(Parts parts, OpenLog log, ReplicaMachine machine, RandomGenerator random) {
    this.parts = parts;
    this.random = random;
    this.id = parts.log().log();
    this.lane = parts.threads().lane();
    this.log = log;
    this.machine = machine;
    this.loop = new EffectLoop(lane, machine, this::carryOut);
    this.desk = new RecordDesk(parts, loop);
    this.ranges = new RangeSender(parts, log, loop);
    this.checkpoints = new CheckpointServing(lane);
    this.copying = new CheckpointCopying(parts, machine);
    this.reopening = new LogReopening(parts, new Reopened());
  }

  /**
   * Recovers the replica. Blocking; nothing happens before {@link #start}.
   *
   * @param self this node, and the disk as its identity says
   * @throws Fault.Broken when the log is damaged below what was committed, or cannot be read
   */
  public static ReplicaDriver open(
      Parts parts, ReplicaId self, Set<SafetyRule> suspended, RandomGenerator random) {
    try {
      var kept = PromiseFile.read(parts.log().disk());
      var replica = LogOpener.openReplica(parts.log(), parts.threads());
      var log = new OpenLog(replica, new LeadsGivenAway(parts.config().silenceNs()));
      var machine =
          new ReplicaMachine(
              new ReplicaMachine.Parts(
                  self,
                  parts.config(),
                  parts.log().config().durability(),
                  log,
                  new Promise(kept.term(), kept.baseRevision()),
                  suspended),
              random);
      return new ReplicaDriver(parts, log, machine, random);
    } catch (IOException e) {
      throw new Fault.Broken("log cannot be read, folder=" + parts.log().disk().describe(), e);
    }
  }

  /** Begins to follow, or to lead. */
  public void start() {
    parts
        .transport()
        .listen(
            id,
            new ReplicaTransport.Listener() {
              @Override
              public void onMessage(int fromNodeId, ReplicaMessage message) {
                lane.execute(() -> receive(fromNodeId, message));
              }

              @Override
              public void onDisconnected(int nodeId) {
                loop.post(() -> machine.onDisconnected(nodeId, now()));
              }
            });
    subscriptions =
        List.of(
            parts.registry().onChange(this::onAnyRecord),
            parts.moves().moves().onChange(() -> loop.post(() -> withMover(MoveDriver::look))));
    loop.post(
        () -> {
          follow();
          var known = parts.registry().find(id);
          if (known != null) {
            machine.onRecord(known, now());
          }
          onTick();
          tick();
        });
  }

  private void onAnyRecord(LogRecord record) {
    if (record.id().equals(id)) {
      desk.onRecord(record);
    }
  }

  public LogId id() {
    return id;
  }

  /** Lane: the copy that is open, or was last. */
  public ReplicaLog replica() {
    return log.replica();
  }

  /** Any thread: why nothing is done here until the process is started again, or null. */
  public Fault.@Nullable Broken fault() {
    return fault;
  }

  /** Any thread: whether what the leader sent last was not taken, since the disk is full. */
  public boolean isFull() {
    return isFull;
  }

  /** After {@link #stop}: whether everything is on stable storage. */
  public boolean hasEndedClean() {
    return hasEndedClean;
  }

  /** Something failed on the lane that nobody there handled: the replica stops. Lane. */
  public void onUncaught(Throwable failure) {
    loop.run(
        () ->
            breakDown(
                failure instanceof Fault.Broken broken
                    ? broken
                    : new Fault.Broken("a task of the log failed, log=" + id, failure)));
  }

  /** Nodes that are alive, as their leases say. */
  public void onLive(Set<Integer> nodes) {
    loop.post(() -> machine.onLive(nodes));
  }

  /**
   * Asks an in-sync follower to take over, as soon as all have what is written here.
   *
   * @param turn another one for each log, so that not all go to the same node
   */
  public void handOver(int turn) {
    loop.post(
        () -> {
          if (term != null) {
            term.handOver(turn);
          }
        });
  }

  /** This process is about to stop: nobody who leads, or will, is to wait for it. */
  public void leave() {
    loop.post(machine::leave);
  }

  private long now() {
    return parts.nowNs();
  }

  private void tick() {
    var unused =
        lane.executeAt(
            now() + parts.config().tickNs(),
            () -> {
              loop.run(this::onTick);
              if (!loop.isStopped()) {
                tick();
              }
            });
  }

  private void onTick() {
    machine.onTick(now());
    withMover(MoveDriver::onTick);
    copying.onTick();
  }

  private void follow() {
    log.replica().start(replicaListener());
    machine.onOpened(now());
  }

  private void receive(int from, ReplicaMessage message) {
    if (loop.isStopped()) {
      return;
    }
    switch (message) {
      case ReplicaMessage.CheckpointWanted wanted -> {
        if (log.leading() != null) {
          checkpoints.serve(log.replica(), wanted, part -> parts.transport().send(id, from, part));
        }
      }
      case ReplicaMessage.CheckpointPart part -> {
        var copy = copying.onPart(from, part);
        if (copy != null) {
          install(copy);
        }
      }
      case ReplicaMessage.MoveAsk ask -> withMover(moving -> moving.onAsk(from, ask));
      case ReplicaMessage.MovePart part -> withMover(moving -> moving.onPart(part));
      case ReplicaMessage.NeedsAsk ask -> withMover(moving -> moving.onNeedsAsk(from, ask));
      case ReplicaMessage.Needs needs -> withMover(moving -> moving.onNeeds(needs));
      default -> loop.run(() -> machine.onMessage(from, message, now()));
    }
  }

  private void carryOut(ReplicaEffect effect) {
    switch (effect) {
      case ReplicaEffect.Send send -> parts.transport().send(id, send.nodeId(), send.message());
      case ReplicaEffect.SendRange range -> ranges.send(range);
      case ReplicaEffect.KeepPromise keep -> desk.keep(keep.promise());
      case ReplicaEffect.Propose propose -> desk.propose(propose.next());
      case ReplicaEffect.ReadRecord read -> desk.read();
      case ReplicaEffect.Truncate truncate ->
          reopening.reopen(
              log.replica().abandon(),
              () ->
                  LogTruncation.truncate(
                      parts.log().disk(),
                      id,
                      new LogTruncation.Cut(truncate.lsn(), truncate.segmentBaseLsn())),
              CopyStanding.COUNTED,
              () -> machine.onTruncated(now()));
      case ReplicaEffect.Write write -> write(write.append());
      case ReplicaEffect.ApplyCommit commit -> applyCommit(commit.commitLsn());
      case ReplicaEffect.CopyCheckpoint copy -> copying.begin(copy);
      case ReplicaEffect.ForgetCopy forget -> copying.forget();
      case ReplicaEffect.Lead lead -> lead(lead.record(), lead.provesFirst());
      case ReplicaEffect.Depose depose -> depose(depose);
      case ReplicaEffect.CommitUpTo upTo -> withLeading(driver -> driver.onReplicas(upTo.lsn()));
      case ReplicaEffect.InSyncEnough enough ->
          withLeading(driver -> driver.onInSync(enough.enough()));
      case ReplicaEffect.ServeUntil until ->
          withLeading(
              driver -> {
                driver.serveUntil(until.monotonicNs());
                driver.onProven(until.provenNs());
              });
      case ReplicaEffect.Break broken -> breakDown(new Fault.Broken(broken.why()));
    }
  }

  private void withMover(Consumer<MoveDriver> call) {
    if (term != null) {
      term.withMover(call);
    }
  }

  private void withLeading(Consumer<LogDriver> call) {
    var driver = log.leading();
    if (driver != null) {
      call.accept(driver);
    }
  }

  /** What is done when the log is open again. */
  private final class Reopened implements LogReopening.Owner {

    @Override
    public boolean isOver() {
      return loop.isStopped() || fault != null;
    }

    @Override
    public void onReopened(ReplicaLog opened, Runnable then) {
      log.onOpened(opened);
      if (fault == null) {
        loop.run(
            () -> {
              opened.start(replicaListener());
              then.run();
            });
      } else {
        var unused = opened.abandon();
      }
    }

    @Override
    public void onNotReopened(Fault.Broken why) {
      loop.run(() -> breakDown(why));
    }
  }

  private ReplicaListener replicaListener() {
    return new ReplicaListener() {
      @Override
      public void onSynced(long syncedLsn) {
        loop.run(machine::onSynced);
      }

      @Override
      public void onBroken(Fault.Broken fault) {
        loop.post(() -> breakDown(fault));
      }
    };
  }

  private void write(ReplicaMessage.Append append) {
    var groups = new RawGroups(append.lsn(), append.segmentBaseLsn(), append.groups());
    switch (log.replica().append(groups)) {
      case ReplicaAppend.Written written -> {
        isFull = false;
        machine.onTaken();
      }
      case ReplicaAppend.Refused refused -> {
        LOG.warn("groups of the leader are refused, log={} lsn={} {}", id, append.lsn(), refused);
        machine.onWriteRefused(now());
        if (refused.reason() == ReplicaAppend.Reason.AHEAD_OF_TIME) {
          machine.onLeaderAhead(now());
        }
      }
      case ReplicaAppend.Full full -> {
        isFull = true;
        machine.onWriteRefused(now());
      }
      case ReplicaAppend.Failed failed -> machine.onBroken();
    }
    parts.transport().giveBack(append.groups());
  }

  private void applyCommit(long commitLsn) {
    try {
      log.replica().onCommit(commitLsn);
    } catch (Fault.Broken fault) {
      breakDown(fault);
    }
  }

  /** What was in sync by its old disk id is so no more before the first byte of it goes. */
  private void install(CheckpointCopy copy) {
    var disk = parts.log().disk();
    var newSelf = new ReplicaId(machine.self().nodeId(), parts.newDiskId().next());
    LOG.info("log begins anew from the leader's checkpoint, log={} lsn={}", id, copy.lsn());
    reopening.reopen(
        log.replica().abandon(),
        () -> {
          DiskIdentity.read(disk).renewed(disk, newSelf.diskId());
          FolderReset.toCheckpoint(disk, id, copy);
        },
        CopyStanding.UNCOUNTED,
        () -> machine.onCopied(newSelf, now()));
  }

  private void lead(LogRecord record, boolean provesFirst) {
    isFull = false; // who leads says so by itself
    var replica = log.replica();
    var driver = replica.lead(new Leadership(record.term(), parts.incarnation(), provesFirst));
    log.onLeading(driver);
    LOG.info("log is led here, log={} term={} endLsn={}", id, record.term(), replica.endLsn());
    var begun = new LedTerm(parts, log, loop, this::breakDown);
    term = begun;
    begun.start(record, random);
  }

  private void endTerm() {
    if (term != null) {
      term.end();
      term = null;
    }
    checkpoints.forget();
  }

  private void depose(ReplicaEffect.Depose effect) {
    LOG.info("log is led here no more, log={} because {}", id, effect.why());
    endTerm();
    if (effect.isLast()) {
      var unused = log.leave();
    } else {
      reopening.reopen(log.depose(), () -> {}, CopyStanding.COUNTED, () -> machine.onOpened(now()));
    }
  }

  private void breakDown(Fault.Broken broken) {
    if (fault != null) {
      return;
    }
    LOG.error("replica stopped until restarted, log={}", id, broken);
    fault = broken;
    // Whoever is in sync need not wait until it misses this one.
    machine.handOver(id.hashCode(), now());
    machine.onBroken();
    endTerm();
    var unused = log.depose();
  }

  /**
   * Ends orderly: saves what there is, and lets go of the files. The stage completes on the lane;
   * calling it again gives the same stage.
   */
  public CompletionStage<Void> stop() {
    lane.execute(
        () -> {
          if (!loop.isStopped()) {
            loop.stop();
            parts.transport().forget(id);
            subscriptions.forEach(Subscription::end);
            endTerm();
            var driver = log.leading();
            var ended =
                driver == null
                    ? reopening.ended().thenCompose(nothing -> log.replica().stop())
                    : driver.stop();
            var unused =
                ended.thenRun(
                    () -> {
                      hasEndedClean = log.replica().hasEndedClean();
                      stopped.complete(null);
                    });
          }
        });
    return stopped;
  }
}
