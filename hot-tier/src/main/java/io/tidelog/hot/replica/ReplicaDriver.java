package io.tidelog.hot.replica;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.disk.DiskIdentity;
import io.tidelog.hot.disk.PromiseFile;
import io.tidelog.hot.runtime.Leadership;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.hot.runtime.LogOpener;
import io.tidelog.hot.runtime.ProgressListener;
import io.tidelog.hot.runtime.ReplicaAppend;
import io.tidelog.hot.runtime.ReplicaListener;
import io.tidelog.hot.runtime.ReplicaLog;
import io.tidelog.hot.segment.CheckpointCopy;
import io.tidelog.hot.segment.CopyStanding;
import io.tidelog.hot.segment.FolderReset;
import io.tidelog.hot.segment.LogTruncation;
import io.tidelog.hot.segment.RawGroups;
import io.tidelog.hot.segment.RawRange;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.LogRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
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

  /** A checkpoint is gathered in memory before it is written. */
  private static final int MAX_CHECKPOINT_BYTES = 1 << 30;

  private final Parts parts;
  private final LogId id;
  private final Lane lane;
  private final Clock clock;
  private final OpenLog log;
  private final ReplicaMachine machine;
  private final CheckpointServing checkpoints;
  private @Nullable CheckpointFetch fetch;
  private boolean isCarryingOut;
  private boolean isStopped;

  /** Completes on the lane when the log is open again, or will not be. */
  private CompletableFuture<Void> reopening = CompletableFuture.completedFuture(null);

  /** What serves the log, once its term has begun. */
  private @Nullable LogDriver serving;

  /** Moves partitions to and from the log, in the same term. */
  private @Nullable MoveDriver mover;

  private final RandomGenerator random;

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
      Leading leading,
      MoveParts moves) {}

  /** Told, on the log's lane, when a term begins and ends here. */
  public interface Leading {

    /**
     * What was there before the term is applied, and the log may be served.
     *
     * @param revision of the registry, at which this node was agreed to lead
     */
    void onBegan(LogDriver driver, long revision);

    /** The driver of a term that has begun serves nothing more. */
    void onEnded(LogDriver driver);
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
    this.clock = parts.log().clock();
    this.log = log;
    this.machine = machine;
    this.checkpoints = new CheckpointServing(lane);
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
      var log = new OpenLog(LogOpener.openReplica(parts.log(), parts.threads()));
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
                post(() -> machine.onDisconnected(nodeId, now()));
              }
            });
    parts
        .registry()
        .onChange(
            record -> {
              if (record.id().equals(id)) {
                onRecord(record);
              }
            });
    parts.moves().moves().onChange(() -> post(() -> withMover(MoveDriver::look)));
    post(
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
    run(
        () ->
            breakDown(
                failure instanceof Fault.Broken broken
                    ? broken
                    : new Fault.Broken("a task of the log failed, log=" + id, failure)));
  }

  /** Nodes that are alive, as their leases say. */
  public void onLive(Set<Integer> nodes) {
    post(() -> machine.onLive(nodes));
  }

  /**
   * Asks an in-sync follower to take over, if this process leads and there is one.
   *
   * @param turn another one for each log, so that not all go to the same node
   */
  public void handOver(int turn) {
    post(() -> machine.handOver(turn, now()));
  }

  private long now() {
    return clock.monotonicNs();
  }

  private void post(Runnable call) {
    lane.execute(() -> run(call));
  }

  /** Lane: calls the machine, and carries out what it wants. */
  private void run(Runnable call) {
    if (isStopped) {
      return;
    }
    call.run();
    carryOut();
  }

  private void carryOut() {
    if (isCarryingOut) {
      return; // called by what is being carried out: the loop below goes on
    }
    isCarryingOut = true;
    try {
      boolean isMore = true;
      while (isMore) {
        for (var effect = machine.poll(); effect != null; effect = machine.poll()) {
          carryOut(effect);
        }
        machine.onCarriedOut();
        var effect = machine.poll();
        isMore = effect != null;
        if (effect != null) {
          carryOut(effect);
        }
      }
    } finally {
      isCarryingOut = false;
    }
  }

  private void tick() {
    var unused =
        lane.executeAt(
            now() + parts.config().tickNs(),
            () -> {
              run(this::onTick);
              if (!isStopped) {
                tick();
              }
            });
  }

  private void onTick() {
    machine.onTick(now());
    withMover(MoveDriver::onTick);
    var fetching = fetch;
    if (fetching != null && fetching.isDue(now())) {
      askForCheckpoint(fetching);
    }
  }

  private void follow() {
    log.replica().start(replicaListener());
    machine.onOpened(now());
  }

  private void onRecord(LogRecord record) {
    post(() -> machine.onRecord(record, now()));
  }

  private void receive(int from, ReplicaMessage message) {
    if (isStopped) {
      return;
    }
    switch (message) {
      case ReplicaMessage.CheckpointWanted wanted -> {
        if (log.leading() != null) {
          checkpoints.serve(log.replica(), wanted, part -> parts.transport().send(id, from, part));
        }
      }
      case ReplicaMessage.CheckpointPart part -> onCheckpointPart(from, part);
      case ReplicaMessage.MoveAsk ask -> withMover(moving -> moving.onAsk(from, ask));
      case ReplicaMessage.MovePart part -> withMover(moving -> moving.onPart(part));
      case ReplicaMessage.NeedsAsk ask -> withMover(moving -> moving.onNeedsAsk(from, ask));
      case ReplicaMessage.Needs needs -> withMover(moving -> moving.onNeeds(needs));
      default -> run(() -> machine.onMessage(from, message, now()));
    }
  }

  private void carryOut(ReplicaEffect effect) {
    switch (effect) {
      case ReplicaEffect.Send send -> parts.transport().send(id, send.nodeId(), send.message());
      case ReplicaEffect.SendRange range -> sendRange(range);
      case ReplicaEffect.KeepPromise keep -> keepPromise(keep.promise());
      case ReplicaEffect.Propose propose -> propose(propose.next());
      case ReplicaEffect.ReadRecord read -> readRecord();
      case ReplicaEffect.Truncate truncate ->
          reopen(
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
      case ReplicaEffect.CopyCheckpoint copy -> fetch = new CheckpointFetch(copy, now());
      case ReplicaEffect.ForgetCopy forget -> forgetCopy();
      case ReplicaEffect.Lead lead -> lead(lead.record());
      case ReplicaEffect.Depose depose -> depose(depose.why());
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
    var moving = mover;
    if (moving != null) {
      call.accept(moving);
    }
  }

  private void withLeading(Consumer<LogDriver> call) {
    var driver = log.leading();
    if (driver != null) {
      call.accept(driver);
    }
  }

  private void sendRange(ReplicaEffect.SendRange range) {
    var driver = log.leading();
    if (driver == null) {
      return;
    }
    long term = driver.term();
    long commitLsn = driver.commitLsn();
    log.replica()
        .ranges()
        .read(range.fromLsn(), range.maxBytes(), found -> onRange(range, term, commitLsn, found));
  }

  /** On the lane, or on a reader thread. */
  private void onRange(ReplicaEffect.SendRange range, long term, long commitLsn, RawRange found) {
    switch (found) {
      case RawRange.Groups groups -> {
        var raw = groups.groups();
        var head =
            new ReplicaMessage.Append(
                term,
                range.stream(),
                raw.lsn(),
                raw.segmentBaseLsn(),
                commitLsn,
                now(),
                RangeBytes.NOTHING);
        long endLsn = raw.endLsn();
        parts.transport().send(id, range.nodeId(), head, new RangeBytes(groups));
        post(() -> machine.onSent(range.nodeId(), range.stream(), endLsn));
      }
      case RawRange.AtEnd atEnd ->
          post(() -> machine.onSent(range.nodeId(), range.stream(), range.fromLsn()));
      case RawRange.Trimmed trimmed ->
          post(() -> machine.onRangeGone(range.nodeId(), range.stream()));
      case RawRange.Failed failed -> {
        LOG.warn("a range cannot be read for a replica, log={} {}", id, range, failed.fault());
        post(() -> onRangeUnreadable(range, failed.fault()));
      }
    }
  }

  /** Damaged bytes are somebody else's to send, who has them whole. */
  private void onRangeUnreadable(ReplicaEffect.SendRange range, Fault why) {
    machine.onRangeGone(range.nodeId(), range.stream());
    if (why instanceof Fault.Broken) {
      machine.handOver(now());
    }
  }

  /** Bytes of the log on their way to another replica. */
  private static final class RangeBytes implements RecordBytes {

    static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final RawRange.Groups groups;

    RangeBytes(RawRange.Groups groups) {
      this.groups = groups;
    }

    @Override
    public int sizeBytes() {
      return groups.groups().bytes().remaining();
    }

    @Override
    public List<Part> parts() {
      return List.of(new MemoryPart(groups.groups().bytes()));
    }

    @Override
    public void close() {
      groups.close();
    }
  }

  /** Beside the lane as a sync is: a takeover waits for it, and no other work is as urgent. */
  private void keepPromise(Promise promise) {
    parts
        .threads()
        .sync()
        .execute(
            () -> {
              try {
                new PromiseFile(promise.term(), promise.baseRevision()).write(parts.log().disk());
                post(() -> machine.onPromised(promise, now()));
              } catch (IOException | RuntimeException e) {
                LOG.error("a promise cannot be written, nothing is taken over, log={}", id, e);
                post(machine::onPromiseNotKept);
              }
            });
  }

  private interface Blocking {
    void run() throws IOException;
  }

  private void propose(LogRecord next) {
    answer(parts.registry().propose(next), () -> machine.onProposalFailed(now()));
  }

  private void readRecord() {
    var unused =
        parts
            .registry()
            .read(id)
            .whenComplete(
                (record, failure) -> {
                  if (record != null) {
                    onRecord(record);
                  }
                });
  }

  private void answer(CompletionStage<LogRecord> proposed, Runnable failed) {
    var unused =
        proposed.whenComplete(
            (record, failure) -> {
              if (failure == null) {
                onRecord(record);
              } else {
                post(failed);
              }
            });
  }

  /** When nothing works on the folder any more: changes it, and opens it again. */
  private void reopen(
      CompletionStage<Void> closed, Blocking change, CopyStanding standing, Runnable then) {
    var folder = parts.log();
    var again =
        new LogOpener.ReplicaParts(
            folder.disk(),
            folder.log(),
            folder.config(),
            folder.gates(),
            folder.clock(),
            folder.space(),
            standing);
    var task = new Reopening(change, again, then, new CompletableFuture<>());
    reopening = task.done();
    var unused = closed.thenRun(() -> reopen(task));
  }

  /** A change of a closed log that is to be opened again. */
  private record Reopening(
      Blocking change, LogOpener.ReplicaParts again, Runnable then, CompletableFuture<Void> done) {}

  private void reopen(Reopening task) {
    parts
        .threads()
        .background()
        .execute(
            () -> {
              try {
                task.change().run();
                var opened = LogOpener.openReplica(task.again(), parts.threads());
                lane.execute(() -> onReopened(opened, task));
              } catch (IOException | RuntimeException e) {
                lane.execute(() -> onNotReopened(task, failed(e)));
              }
            });
  }

  /** A disk that is full or fails is tried again; each change may be made again. */
  private void onNotReopened(Reopening task, Fault.Broken why) {
    if (isStopped || fault != null || LogOpener.isDamage(why)) {
      run(() -> breakDown(why));
      task.done().complete(null);
      return;
    }
    LOG.error("log cannot be opened again, tried again, log={}", id, why);
    var unused = lane.executeAt(now() + parts.config().retryNs(), () -> reopen(task));
  }

  private void onReopened(ReplicaLog opened, Reopening task) {
    log.onOpened(opened);
    if (fault == null) {
      run(
          () -> {
            opened.start(replicaListener());
            task.then().run();
          });
    } else {
      var unused = opened.abandon();
    }
    task.done().complete(null);
  }

  private Fault.Broken failed(Exception cause) {
    return new Fault.Broken("a replica failed, log=" + id, cause);
  }

  private ReplicaListener replicaListener() {
    return new ReplicaListener() {
      @Override
      public void onSynced(long syncedLsn) {
        run(machine::onSynced);
      }

      @Override
      public void onBroken(Fault.Broken fault) {
        post(() -> breakDown(fault));
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

  private void forgetCopy() {
    if (fetch != null) {
      fetch = null;
      machine.onCopyForgotten(now());
    }
  }

  private void askForCheckpoint(CheckpointFetch fetching) {
    parts
        .transport()
        .send(
            id,
            fetching.nodeId(),
            fetching.ask(machine.self(), now() + parts.config().silenceNs()));
  }

  private void onCheckpointPart(int from, ReplicaMessage.CheckpointPart part) {
    var fetching = fetch;
    if (fetching == null || fetching.nodeId() != from) {
      return;
    }
    var copy = fetching.onPart(part, MAX_CHECKPOINT_BYTES, now());
    if (copy == null) {
      askForCheckpoint(fetching);
      return;
    }
    fetch = null;
    install(copy);
  }

  /** What was in sync by its old disk id is so no more before the first byte of it goes. */
  private void install(CheckpointCopy copy) {
    var disk = parts.log().disk();
    var newSelf = new ReplicaId(machine.self().nodeId(), parts.newDiskId().next());
    LOG.info("log begins anew from the leader's checkpoint, log={} lsn={}", id, copy.lsn());
    reopen(
        log.replica().abandon(),
        () -> {
          DiskIdentity.read(disk).renewed(disk, newSelf.diskId());
          FolderReset.toCheckpoint(disk, id, copy);
        },
        CopyStanding.UNCOUNTED,
        () -> machine.onCopied(newSelf, now()));
  }

  private void lead(LogRecord record) {
    isFull = false; // who leads says so by itself
    var replica = log.replica();
    var driver = replica.lead(new Leadership(record.term(), parts.incarnation(), false));
    log.onLeading(driver);
    driver.onProgress(
        new ProgressListener() {
          private boolean hasBegun;

          @Override
          public void onWritten(long endLsn) {
            if (hasBegun) {
              run(machine::onWritten);
            } else {
              hasBegun = true;
              post(() -> onTermBegun(driver));
            }
          }

          @Override
          public void onSynced(long syncedLsn) {}

          @Override
          public void onCommitted(long commitLsn) {}

          @Override
          public void onBroken(Fault.Broken fault) {
            post(() -> breakDown(fault));
          }
        });
    LOG.info("log is led here, log={} term={} endLsn={}", id, record.term(), replica.endLsn());
    var unused =
        driver.start().thenRun(() -> lane.execute(() -> onBegan(driver, record.modRevision())));
  }

  private void onTermBegun(LogDriver driver) {
    if (log.leading() == driver) {
      machine.onLeading(log.endLsn(), now());
    }
  }

  private void onBegan(LogDriver driver, long revision) {
    if (log.leading() == driver && !isStopped) {
      serving = driver;
      mover =
          new MoveDriver(
              new MoveDriver.Parts(
                  driver,
                  parts.moves(),
                  parts.registry(),
                  parts.transport(),
                  id,
                  lane,
                  clock,
                  random));
      parts.leading().onBegan(driver, revision);
    }
  }

  private void endTerm() {
    var served = serving;
    serving = null;
    withMover(MoveDriver::end);
    mover = null;
    checkpoints.forget();
    if (served != null) {
      parts.leading().onEnded(served);
    }
  }

  private void depose(String why) {
    LOG.info("log is led here no more, log={} because {}", id, why);
    var driver = log.leading();
    log.onDeposed();
    endTerm();
    reopen(
        driver == null ? log.replica().abandon() : driver.depose(),
        () -> {},
        CopyStanding.COUNTED,
        () -> machine.onOpened(now()));
  }

  private void breakDown(Fault.Broken broken) {
    if (fault != null) {
      return;
    }
    LOG.error("replica stopped until restarted, log={}", id, broken);
    fault = broken;
    machine.handOver(now()); // whoever is in sync need not wait until it misses this one
    machine.onBroken();
    var driver = log.leading();
    log.onDeposed();
    endTerm();
    var unused = driver == null ? log.replica().abandon() : driver.depose();
  }

  /**
   * Ends orderly: saves what there is, and lets go of the files. The stage completes on the lane;
   * calling it again gives the same stage.
   */
  public CompletionStage<Void> stop() {
    lane.execute(
        () -> {
          if (!isStopped) {
            isStopped = true;
            parts.transport().forget(id);
            endTerm();
            var driver = log.leading();
            var ended =
                driver == null
                    ? reopening.thenCompose(nothing -> log.replica().stop())
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
