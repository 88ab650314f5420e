package io.tidelog.simulation.replica;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.replica.Promise;
import io.tidelog.hot.replica.ReplicaConfig;
import io.tidelog.hot.replica.ReplicaEffect;
import io.tidelog.hot.replica.ReplicaMachine;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.log.Violation;
import io.tidelog.simulation.log.VirtualTime;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One node: its disk, and at most one process on it, which carries out what the machine wants. */
final class SimReplica {

  static final ReplicaConfig CONFIG =
      new ReplicaConfig(
          150_000_000L,
          1_000_000_000L,
          1_500_000_000L,
          250_000_000L,
          2_000_000_000L,
          200_000_000L,
          200_000_000L,
          1_000_000_000L,
          64L * ModelLog.ENTRY_BYTES,
          8 * ModelLog.ENTRY_BYTES,
          4_000L * ModelLog.ENTRY_BYTES);

  private static final long NS_PER_MS = 1_000_000;

  /** Nobody waits for a sync when acknowledged means written. */
  private static final long LAZY_SYNC_NS = 1_000 * NS_PER_MS;

  private final int id;
  private final World world;
  private final ModelLog log;
  private Promise kept = Promise.NONE;
  private UUID disk;
  private VirtualTime.Life life = new VirtualTime.Life();
  private long pausedUntilNs;
  private @Nullable ReplicaMachine machine;
  private boolean isSyncing;
  private long remoteLsn;
  private long serveUntilNs;
  private long servesFromLsn;
  private long leadingSinceNs;
  private boolean isDriverLeading;

  /** What all nodes share. */
  record World(
      VirtualTime time,
      Random random,
      ReplicaOptions options,
      Hole hole,
      SimNetwork network,
      SimRecordStore store,
      Truth truth) {

    Durability durability() {
      return options.syncs() ? Durability.FSYNC : Durability.REPLICATED;
    }
  }

  SimReplica(int id, World world, UUID disk) {
    this.id = id;
    this.world = world;
    this.disk = disk;
    this.log = new ModelLog(world.hole());
    life.isOver = true;
  }

  static LogId log() {
    return new LogId(new UUID(3, 4));
  }

  int id() {
    return id;
  }

  boolean isRunning() {
    return machine != null;
  }

  boolean isLeading() {
    return machine != null && isDriverLeading && machine.isLeading();
  }

  UUID disk() {
    return disk;
  }

  ModelLog modelLog() {
    return log;
  }

  void start() {
    life = new VirtualTime.Life();
    log.reopen();
    isSyncing = false;
    isDriverLeading = false;
    var started =
        new ReplicaMachine(
            new ReplicaMachine.Parts(
                new ReplicaId(id, disk),
                CONFIG,
                world.durability(),
                log,
                kept,
                world.hole().suspended()),
            new Random(world.random().nextLong()));
    machine = started;
    run(() -> started.onOpened(now()));
    tick();
  }

  private long now() {
    return world.time().monotonicNs();
  }

  private void tick() {
    after(
        10,
        () -> {
          var running = machine;
          if (running != null) {
            running.onTick(now());
            carryOut();
          }
          tick();
        });
  }

  /** Runs in this life, when the process is not paused. */
  private void after(long delayMs, Runnable task) {
    at(now() + delayMs * NS_PER_MS, task);
  }

  private void at(long timeNs, Runnable task) {
    world
        .time()
        .at(
            timeNs,
            life,
            () -> {
              if (now() < pausedUntilNs) {
                at(pausedUntilNs, task);
              } else {
                task.run();
              }
            });
  }

  private void run(Runnable call) {
    call.run();
    carryOut();
  }

  void pause(long untilNs) {
    pausedUntilNs = Math.max(pausedUntilNs, untilNs);
  }

  void kill() {
    life.isOver = true;
    machine = null;
    pausedUntilNs = 0;
  }

  void losePower(boolean mayHaveLost) {
    kill();
    log.losePower(world.random().nextInt(4));
    if (mayHaveLost && world.hole() != Hole.LOSSY_DISK_KEEPS_ITS_NAME) {
      disk = newDisk();
    }
  }

  private UUID newDisk() {
    return new UUID(world.random().nextLong(), world.random().nextLong());
  }

  void wipe() {
    kill();
    log.wipe();
    kept = Promise.NONE;
    if (world.hole() != Hole.WIPED_DISK_KEEPS_ITS_NAME) {
      disk = newDisk();
    }
  }

  void onWatched(LogRecord record) {
    receive(running -> running.onRecord(record, now()));
  }

  void onMessage(int from, ReplicaMessage message) {
    receive(running -> running.onMessage(from, message, now()));
  }

  void onDisconnected(int node) {
    receive(running -> running.onDisconnected(node, now()));
  }

  void handOver() {
    receive(running -> running.handOver(log().hashCode(), now()));
  }

  private interface Call {
    void on(ReplicaMachine running);
  }

  private void receive(Call call) {
    if (machine != null) {
      at(
          now(),
          () -> {
            var running = machine;
            if (running != null) {
              run(() -> call.on(running));
            }
          });
    }
  }

  private void carryOut() {
    var running = machine;
    if (running == null) {
      return;
    }
    for (var effect = running.poll(); effect != null; effect = running.poll()) {
      carryOut(running, effect);
    }
    running.onCarriedOut();
    for (var effect = running.poll(); effect != null; effect = running.poll()) {
      carryOut(running, effect);
    }
  }

  private void carryOut(ReplicaMachine running, ReplicaEffect effect) {
    switch (effect) {
      case ReplicaEffect.Send send -> world.network().send(id, send.nodeId(), send.message());
      case ReplicaEffect.SendRange range -> sendRange(running, range);
      case ReplicaEffect.KeepPromise keep ->
          after(
              1 + world.random().nextInt(3),
              () -> {
                kept = keep.promise();
                run(() -> running.onPromised(keep.promise(), now()));
              });
      case ReplicaEffect.Propose propose ->
          world
              .store()
              .propose(
                  propose.next(),
                  now -> at(now(), () -> run(() -> running.onRecord(now, now()))),
                  () -> at(now(), () -> run(() -> running.onProposalFailed(now()))));
      case ReplicaEffect.ReadRecord read ->
          world.store().read(now -> at(now(), () -> run(() -> running.onRecord(now, now()))));
      case ReplicaEffect.Truncate truncate -> truncate(running, truncate);
      case ReplicaEffect.Write write -> write(write.append());
      case ReplicaEffect.ApplyCommit commit -> commit(commit.commitLsn());
      case ReplicaEffect.CopyCheckpoint copy ->
          throw new Violation("a log that is never trimmed is copied");
      case ReplicaEffect.ForgetCopy forget ->
          throw new Violation("a copy is forgotten that nobody asked for");
      case ReplicaEffect.Lead lead -> lead(running, lead.record(), lead.provesFirst());
      case ReplicaEffect.Depose depose -> depose(running);
      case ReplicaEffect.CommitUpTo upTo -> {
        remoteLsn = upTo.lsn();
        commitAsLeader();
      }
      case ReplicaEffect.InSyncEnough enough -> {}
      case ReplicaEffect.ServeUntil until -> serveUntilNs = until.monotonicNs();
      case ReplicaEffect.Break broken -> throw new Violation("node " + id + ": " + broken.why());
    }
  }

  private void sendRange(ReplicaMachine running, ReplicaEffect.SendRange range) {
    var leading = running.record();
    if (leading == null) {
      return;
    }
    var bytes = log.read(range.fromLsn(), range.maxBytes());
    long endLsn = range.fromLsn() + bytes.remaining();
    world
        .network()
        .send(
            id,
            range.nodeId(),
            new ReplicaMessage.Append(
                log.lastTerm(),
                range.stream(),
                range.fromLsn(),
                log.segmentBaseLsn(range.fromLsn()),
                log.commitLsn(),
                now(),
                bytes));
    running.onSent(range.nodeId(), range.stream(), endLsn);
  }

  private void truncate(ReplicaMachine running, ReplicaEffect.Truncate truncate) {
    after(
        1 + world.random().nextInt(30),
        () -> {
          log.truncate(truncate.lsn());
          run(() -> running.onTruncated(now()));
        });
  }

  private void write(ReplicaMessage.Append append) {
    var groups = append.groups();
    while (groups.hasRemaining()) {
      log.append(ModelLog.Entry.read(groups));
    }
    sync();
  }

  /** One sync at a time, as beside a lane. */
  private void sync() {
    if (isSyncing || log.isSynced()) {
      return;
    }
    isSyncing = true;
    long lsn = log.endLsn();
    long syncNs = world.options().syncs() ? 4 * NS_PER_MS : LAZY_SYNC_NS;
    at(
        now() + 300_000 + world.random().nextLong(syncNs),
        () -> {
          isSyncing = false;
          log.sync(lsn);
          var running = machine;
          if (running != null) {
            run(running::onSynced);
            commitAsLeader();
          }
          sync();
        });
  }

  private void lead(ReplicaMachine running, LogRecord record, boolean provesFirst) {
    remoteLsn = -1;
    serveUntilNs = Long.MIN_VALUE;
    log.append(new ModelLog.Entry(record.term(), -id, log.commitLsn()));
    long termEndLsn = log.endLsn();
    servesFromLsn = provesFirst ? termEndLsn : 0;
    leadingSinceNs = now();
    isDriverLeading = true;
    world.truth().onLeading(id, record.term());
    if (world.store().now().term() == record.term()) {
      // One that slept through a later term begins too, and commits nothing.
      world.truth().checkHas(id, log);
    }
    sync();
    running.onLeading(termEndLsn, now());
    for (int delayMs = 1; delayMs < 300; delayMs += 10) {
      after(delayMs, this::read); // whoever lost the old leader asks the new one soon
    }
  }

  private void depose(ReplicaMachine running) {
    isDriverLeading = false;
    after(5 + world.random().nextInt(200), () -> run(() -> running.onOpened(now())));
  }

  /** A client's append; false when this node does not lead. */
  boolean append(long value) {
    var running = machine;
    if (!isLeading() || running == null || now() < pausedUntilNs) {
      return false;
    }
    log.append(new ModelLog.Entry(log.lastTerm(), value, log.commitLsn()));
    sync();
    run(running::onWritten);
    commitAsLeader();
    return true;
  }

  private void commitAsLeader() {
    if (!isDriverLeading) {
      return;
    }
    long own = world.options().syncs() ? log.syncedLsn() : log.endLsn();
    long remote = world.hole() == Hole.ACKNOWLEDGED_BEFORE_REPLICATION ? Long.MAX_VALUE : remoteLsn;
    int before = log.committed();
    commit(Math.min(own, remote));
    for (int i = before; i < log.committed(); i++) {
      world.truth().onAcknowledged();
    }
  }

  private void commit(long lsn) {
    int from = log.commit(lsn);
    for (int i = from; i < log.committed(); i++) {
      world.truth().onCommitted(i, log.entries().get(i), id, now());
    }
  }

  /** A reader asks, of a node that may lead no more. */
  void read() {
    boolean hasAuthority = now() < serveUntilNs || world.hole() == Hole.SERVED_WITHOUT_AUTHORITY;
    boolean isProven = log.commitLsn() >= servesFromLsn;
    if (isLeading() && hasAuthority && isProven && now() >= pausedUntilNs) {
      long mustHaveNs = Math.max(leadingSinceNs, now() - CONFIG.authorityNs());
      world.truth().onRead(id, log.committed(), mustHaveNs, now());
    }
  }
}
