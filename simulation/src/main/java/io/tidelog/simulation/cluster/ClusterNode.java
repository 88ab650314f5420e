package io.tidelog.simulation.cluster;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.disk.DiskIdentity;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.disk.ProcessMarker;
import io.tidelog.hot.replica.MoveConfig;
import io.tidelog.hot.replica.MoveParts;
import io.tidelog.hot.replica.ReplicaConfig;
import io.tidelog.hot.replica.ReplicaDriver;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.TermListener;
import io.tidelog.hot.runtime.HotTierConfig;
import io.tidelog.hot.runtime.LocalSpace;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.hot.runtime.LogOpener;
import io.tidelog.hot.segment.CopyStanding;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.disk.SimDisk;
import io.tidelog.simulation.log.MutantDisk;
import io.tidelog.simulation.log.Violation;
import io.tidelog.simulation.log.VirtualTime;
import io.tidelog.simulation.replica.SimNetwork;
import io.tidelog.simulation.replica.SimRecordStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One machine: its disk and clocks, and at most one process on it, made of production classes and
 * started as the server starts it.
 */
final class ClusterNode {

  /** Spares and what a stopped process may leave open. */
  static final int SPARE_SEGMENTS = 1;

  /** Times as by default; everything that is counted in bytes is small. */
  static final ReplicaConfig REPLICATION =
      new ReplicaConfig(
          ReplicaConfig.DEFAULT.heartbeatNs(),
          ReplicaConfig.DEFAULT.silenceNs(),
          ReplicaConfig.DEFAULT.lagNs(),
          ReplicaConfig.DEFAULT.lostNs(),
          ReplicaConfig.DEFAULT.authorityNs(),
          ReplicaConfig.DEFAULT.roundNs(),
          ReplicaConfig.DEFAULT.retryNs(),
          ReplicaConfig.DEFAULT.proposalNs(),
          1 << 16,
          1 << 13,
          1 << 20);

  private static final String CLUSTER = "simulated";

  private final int id;
  private final LogId log;
  private final World world;
  private final SimDisk disk;
  private final NodeClock clock;
  private final HotTierConfig config;
  private final UUID firstDisk;
  private String bootId = "boot 0";
  private int boots;
  private int lives;
  private VirtualTime.Life life = new VirtualTime.Life();
  private @Nullable ReplicaDriver driver;
  private @Nullable NodeTransport transport;
  private @Nullable NodeRegistry registry;
  private @Nullable NodeMoves moves;
  private @Nullable LogDriver leading;
  private @Nullable LogDriver taken;
  private @Nullable Exception whyDown;
  private boolean isRotten;

  /** What leads here and cannot read what it is to offload. */
  private @Nullable LogDriver stuck;

  /** What all nodes share. */
  record World(
      VirtualTime time,
      Random random,
      ClusterOptions options,
      ClusterMutant mutant,
      SimNetwork network,
      Map<LogId, SimRecordStore> stores,
      SimMoveStore moves) {}

  /**
   * @param log of which it may hold a replica; the other log is held by other nodes
   */
  ClusterNode(int id, LogId log, World world, UUID firstDisk) {
    this.id = id;
    this.log = log;
    this.world = world;
    this.firstDisk = firstDisk;
    this.disk = new SimDisk(world.random().nextLong());
    long driftPpm = world.options().faults().driftPpm();
    this.clock =
        new NodeClock(
            world.time(),
            driftPpm == 0 ? 0 : world.random().nextLong(-driftPpm, driftPpm),
            1 + world.random().nextLong(1L << 46));
    this.config = ClusterNodeConfig.of(id, world.options().shape(), world.mutant());
    life.isOver = true;
  }

  int id() {
    return id;
  }

  LogId log() {
    return log;
  }

  SimDisk disk() {
    return disk;
  }

  NodeClock clock() {
    return clock;
  }

  VirtualTime.Life life() {
    return life;
  }

  boolean isUp() {
    return driver != null;
  }

  /** Whether something runs there now. */
  boolean isRunning() {
    return driver != null && world.time().monotonicNs() >= life.pausedUntilNs;
  }

  @Nullable ReplicaDriver driver() {
    return driver;
  }

  /** What takes appends here, or null; from when it is taken over, where clients come so early. */
  @Nullable LogDriver appendable() {
    return leading == null && world.options().sendsEarly() ? taken : leading;
  }

  /** What leads the log here, as its process was told, or null. */
  @Nullable LogDriver leading() {
    return leading;
  }

  String process() {
    return "node " + id + " " + incarnation();
  }

  private UUID incarnation() {
    return new UUID(id, lives);
  }

  /** Why the process could not be started, or null. */
  @Nullable Exception whyDown() {
    return whyDown;
  }

  boolean isRotten() {
    return isRotten;
  }

  /** What leads here has tried to offload what it cannot read. */
  void onUnreadable(LogDriver leader) {
    stuck = leader;
  }

  void onReadable() {
    stuck = null;
  }

  /** Whether it leads and cannot read what it is to offload. */
  boolean isStuck() {
    return stuck != null && stuck == leading;
  }

  /** Starts a process, which may fail. */
  void start() {
    if (driver != null) {
      return;
    }
    life = new VirtualTime.Life();
    lives++;
    var record =
        Objects.requireNonNull(world.stores().get(log)).now(); // read since the process started
    try {
      takeFolder(record);
      whyDown = null;
    } catch (IOException | Fault.Broken e) {
      die();
      whyDown = e;
    }
  }

  /** As the server does: what is damaged is filled again when another copy has everything. */
  private void takeFolder(LogRecord record) throws IOException {
    try {
      open(record);
    } catch (Fault.Broken damaged) {
      boolean isElsewhere = record.inSync().stream().anyMatch(member -> member.nodeId() != id);
      if (!isElsewhere || !LogOpener.isDamage(damaged)) {
        throw damaged;
      }
      disk.wipe();
      isRotten = false;
      open(record);
    }
  }

  private void open(LogRecord record) throws IOException {
    var storage = storage();
    boolean isNew = record.term() == 0 && !DiskIdentity.isPresent(storage);
    var fresh = new DiskIdentity(CLUSTER, log, isNew ? firstDisk : newDisk());
    var opened = ProcessMarker.open(storage, fresh, bootId, isSynced());
    var self = new ReplicaId(id, opened.identity().diskId());
    boolean isCounted = record.mayLead(self) && world.mutant() != ClusterMutant.OPENED_AS_UNCOUNTED;
    open(storage, self, isCounted ? CopyStanding.COUNTED : CopyStanding.UNCOUNTED);
  }

  private boolean isSynced() {
    return world.options().shape().syncs();
  }

  private UUID newDisk() {
    return new UUID(world.random().nextLong(), id);
  }

  private LogDisk storage() {
    var mutant = world.mutant();
    return new MutantDisk(
        disk,
        name ->
            (mutant == ClusterMutant.SEGMENT_SYNC_SKIPPED && name.endsWith(".seg"))
                || (mutant == ClusterMutant.PROMISE_NOT_KEPT && name.startsWith("promise")),
        mutant == ClusterMutant.DIRECTORY_SYNC_SKIPPED,
        mutant == ClusterMutant.WRITTEN_DIFFERENTLY ? this::changed : (file, bytes) -> bytes);
  }

  private ByteBuffer changed(String file, ByteBuffer bytes) {
    boolean isFollowing = driver != null && leading == null;
    if (!isFollowing || !file.endsWith(".seg") || bytes.remaining() < 200) {
      return bytes;
    }
    var copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    int last = copy.limit() - 1;
    return copy.put(last, (byte) (copy.get(last) ^ 1));
  }

  private void open(LogDisk storage, ReplicaId self, CopyStanding standing) {
    var time = world.time();
    var network = new NodeTransport(id, world.network());
    var records = new NodeRegistry(time, life, world.stores(), world.random());
    var lane = new NodeLane(time.lane(life, 50_000), clock, this::onUncaught);
    var background = time.lane(life, 5_000_000);
    var threads =
        new LogDriver.Threads(
            lane,
            time.lane(life, world.options().shape().isMixed() ? 20_000_000 : 2_000_000),
            time.threads(life, 2_000_000),
            background);
    var parts =
        new ReplicaDriver.Parts(
            threads,
            new LogOpener.ReplicaParts(
                storage,
                log,
                config,
                ClusterNodeConfig.gates(world.mutant()),
                clock,
                new LocalSpace(config.limits().localMaxBytes()),
                standing),
            REPLICATION,
            network,
            records,
            incarnation(),
            this::newDisk,
            leadingListener(),
            moveParts());
    driver =
        ReplicaDriver.open(
            parts, self, world.mutant().suspended(), new Random(world.random().nextLong()));
    transport = network;
    registry = records;
    driver.start();
  }

  private MoveParts moveParts() {
    var options = world.options().moves();
    if (!options.areWanted()) {
      return new MoveParts(new NoMoves(), MoveConfig.DEFAULT, id);
    }
    var known = new NodeMoves(world, life, log);
    moves = known;
    return new MoveParts(known, options.config(), id);
  }

  private TermListener leadingListener() {
    var told = life;
    return new TermListener() {
      @Override
      public void onTaken(LogDriver driver, Set<PartitionId> partitions) {
        if (life == told) {
          taken = driver;
        }
      }

      @Override
      public void onBegan(LogDriver began, long revision) {
        if (leading != null && world.mutant() != ClusterMutant.DEPOSED_DRIVER_USED) {
          throw new Violation("node " + id + " begins a term while it leads");
        }
        if (life == told) {
          leading = began;
        }
      }

      @Override
      public void onEnded(LogDriver ended) {
        if (life == told && world.mutant() != ClusterMutant.DEPOSED_DRIVER_USED) {
          leading = null;
          taken = null;
        }
      }
    };
  }

  private void onUncaught(RuntimeException failure) {
    var running = driver;
    if (running != null) {
      running.onUncaught(failure);
    }
  }

  /** Ends the life without telling it. */
  private void die() {
    life.isOver = true;
    driver = null;
    transport = null;
    registry = null;
    moves = null;
    leading = null;
    taken = null;
  }

  /** The process dies; the machine runs on. */
  void kill() {
    die();
    disk.kill();
  }

  void losePower() {
    die();
    disk.losePower();
    if (world.mutant() != ClusterMutant.LOSSY_DISK_KEEPS_ITS_NAME) {
      bootId = "boot " + ++boots;
    }
  }

  void wipe() {
    die();
    var kept = disk.contents(DiskIdentity.FILE);
    disk.wipe();
    isRotten = false;
    if (world.mutant() == ClusterMutant.WIPED_DISK_KEEPS_ITS_NAME && kept.length > 0) {
      disk.put(DiskIdentity.FILE, kept);
    }
  }

  /** Damages a bit of what the disk itself says is committed; false when nothing is. */
  boolean rot() {
    var running = driver;
    var segments = new SegmentFiles(disk);
    long toldLsn = running == null ? 0 : segments.commitToldBefore(running.replica().commitLsn());
    boolean isDone = segments.rot(toldLsn, world.random().nextInt(1 << 20));
    isRotten |= isDone;
    return isDone;
  }

  /** Damages what no checksum of a batch covers, in its oldest segment. */
  void rotOffset() {
    new SegmentFiles(disk).rotOffset();
    isRotten = true;
  }

  void pause(long forNs) {
    life.pausedUntilNs = Math.max(life.pausedUntilNs, world.time().monotonicNs() + forNs);
  }

  void resume() {
    life.pausedUntilNs = 0;
  }

  void cutFromStore(boolean isCut) {
    if (registry != null) {
      registry.cut(isCut);
    }
    cutFromMoves(isCut);
  }

  /** It hears nothing of moves, as when watches lose them. */
  void cutFromMoves(boolean isCut) {
    if (moves != null) {
      moves.cut(isCut);
    }
  }

  void onWatched(LogRecord record) {
    if (registry != null) {
      registry.onWatched(record);
    }
  }

  void onWatched(SimMoveStore.Picture picture) {
    if (moves != null) {
      moves.onWatched(picture);
    }
  }

  void onMessage(int from, ReplicaMessage message) {
    if (transport != null) {
      transport.onMessage(from, message);
    }
  }

  void onDisconnected(int node) {
    if (transport != null) {
      transport.onDisconnected(node);
    }
  }

  void onLive(Set<Integer> nodes) {
    if (driver != null && registry != null && !registry.isCut()) {
      driver.onLive(nodes);
    }
  }

  /** Stops the process orderly, and then runs the task. */
  void stop(Runnable then) {
    var running = driver;
    if (running == null) {
      return;
    }
    var stopping = life;
    var unused =
        running
            .stop()
            .thenRun(
                () ->
                    world
                        .time()
                        .at(world.time().monotonicNs(), stopping, () -> onStopped(running, then)));
  }

  private void onStopped(ReplicaDriver stopped, Runnable then) {
    if (driver == stopped) {
      markClean(stopped);
      then.run();
    }
  }

  private void markClean(ReplicaDriver stopped) {
    if (stopped.hasEndedClean()) {
      try {
        ProcessMarker.end(disk, bootId);
      } catch (IOException e) {
        whyDown = e; // it counts as killed
      }
    }
  }

  String state() {
    var text = new StringBuilder("node " + id);
    var running = driver;
    if (running == null) {
      return text.append(" is down, ").append(whyDown).toString();
    }
    var replica = running.replica();
    return text.append(isRunning() ? "" : " paused")
        .append(leading == null ? "" : " leads term " + leading.term())
        .append(" end=" + replica.endLsn() + " commit=" + replica.commitLsn())
        .append(" synced=" + replica.syncedLsn() + " applied=" + replica.appliedLsn())
        .append(running.fault() == null ? "" : " broken: " + running.fault())
        .append(isRotten ? " rotten" : "")
        .append(" " + replica.history())
        .toString();
  }
}
