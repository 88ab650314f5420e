package io.tidelog.simulation.replica;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.log.Violation;
import io.tidelog.simulation.log.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One run: load while nodes die, pause, lose their power, their disks or one another, while the
 * record store fails and the controller moves replicas; then everything is healed, and within a
 * time all replicas must be in sync, the same, and take more.
 */
public final class ReplicaSimulation {

  private static final long CHAOS_MS = 12_000;
  private static final long HEAL_MS = 40_000;
  private static final long NS_PER_MS = 1_000_000;

  private final Random random;
  private final ReplicaOptions options;
  private final VirtualTime time;
  private final VirtualTime.Life world = new VirtualTime.Life();
  private final List<SimReplica> nodes = new ArrayList<>();
  private final Truth truth = new Truth();
  private final MembersHaveAll members;
  private final SimNetwork network;
  private final SimRecordStore store;
  private long nextValue = 1;
  private int lossesLeft;
  private boolean isHealed;

  private ReplicaSimulation(long seed, Hole hole) {
    this.random = new Random(seed);
    this.options = ReplicaOptions.of(random);
    this.time = new VirtualTime(random.nextLong());
    this.network =
        new SimNetwork(
            time,
            world,
            new Random(random.nextLong()),
            new SimNetwork.Badness(
                options.lossPercent(), options.repeatPercent(), options.stragglerPercent()),
            this::deliver);
    List<Integer> ids = new ArrayList<>();
    List<ReplicaId> disks = new ArrayList<>();
    for (int id = 1; id <= options.nodes(); id++) {
      ids.add(id);
      disks.add(new ReplicaId(id, new UUID(random.nextLong(), id)));
    }
    int minInSync = Math.min(options.minInSync(), options.replicas());
    var first =
        new LogRecord(
            SimReplica.log(),
            ids.subList(0, options.replicas()),
            minInSync,
            disks.subList(0, options.replicas()),
            List.of(),
            LogRecord.NO_LEADER,
            0,
            0);
    this.store =
        new SimRecordStore(
            time,
            world,
            new Random(random.nextLong()),
            new SimRecordStore.Badness(
                options.storePercent(), options.readsStale(), hole == Hole.SWAPPED_BLINDLY),
            first,
            ids,
            (id, record) -> node(id).onWatched(record));
    this.lossesLeft = minInSync - 1;
    this.members = new MembersHaveAll(options.syncs(), truth);
    var shared =
        new SimReplica.World(
            time, new Random(random.nextLong()), options, hole, network, store, truth);
    for (var disk : disks) {
      nodes.add(new SimReplica(disk.nodeId(), shared, disk.diskId()));
    }
  }

  /**
   * Runs one seed.
   *
   * @return what happened, the same for the same seed
   * @throws Violation naming the seed
   */
  public static Outcome run(long seed, Hole hole) {
    var simulation = new ReplicaSimulation(seed, hole);
    try {
      return simulation.run();
    } catch (RuntimeException e) {
      var violation = new Violation("seed " + seed + ": " + e + " with " + simulation.options);
      violation.initCause(e);
      throw violation;
    }
  }

  /**
   * @param trace a hash of every event
   */
  public record Outcome(long acknowledged, long terms, long trace) {}

  private SimReplica node(int id) {
    return nodes.get(id - 1);
  }

  private void deliver(int from, int to, ReplicaMessage message) {
    node(to).onMessage(from, message);
  }

  private Outcome run() {
    nodes.forEach(SimReplica::start);
    scheduleChaos();
    store.onChange(this::maybeStrike);
    everyMs(4, this::produce);
    everyMs(15, () -> any().read());
    runFor(CHAOS_MS);
    heal();
    long deadlineMs = time.elapsedMs() + HEAL_MS;
    while (!isDrained()) {
      if (time.elapsedMs() > deadlineMs || !time.step()) {
        throw new Violation("not drained: " + state());
      }
      members.look(store.now(), nodes);
    }
    checkReplicas();
    return new Outcome(truth.acknowledged(), store.now().term(), time.trace());
  }

  private SimReplica any() {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private void scheduleChaos() {
    repeat(options.kills(), () -> bringDown(any(), SimReplica::kill));
    repeat(options.powerCuts(), this::losePower);
    repeat(options.blackouts(), this::loseAllPower);
    repeat(options.wipes(), this::wipe);
    repeat(options.pauses(), () -> any().pause(time.monotonicNs() + ms(random.nextInt(5_000))));
    repeat(options.cuts(), this::cut);
    repeat(options.moves(), this::move);
    repeat(options.handOvers(), () -> nodes.forEach(SimReplica::handOver));
    if (options.storeOutage()) {
      long from = random.nextLong(CHAOS_MS / 2);
      time.afterMs(from, world, () -> store.goOut(true));
      time.afterMs(from + 4_000, world, () -> store.goOut(false));
    }
  }

  private static long ms(long millis) {
    return millis * NS_PER_MS;
  }

  private void repeat(int times, Runnable fault) {
    for (int i = 0; i < times; i++) {
      time.afterMs(random.nextLong(CHAOS_MS), world, fault);
    }
  }

  private interface End {
    void of(SimReplica node);
  }

  private void bringDown(SimReplica node, End end) {
    if (!node.isRunning()) {
      return;
    }
    end.of(node);
    if (random.nextBoolean()) {
      // The kernel of a killed process resets its connections; a dead machine says nothing.
      for (var other : nodes) {
        if (other != node) {
          time.afterMs(random.nextInt(3), world, () -> other.onDisconnected(node.id()));
        }
      }
    }
    long downMs = random.nextInt(3) == 0 ? random.nextInt(50) : random.nextInt(4_000);
    time.afterMs(downMs, world, () -> startAgain(node));
  }

  private void startAgain(SimReplica node) {
    if (!node.isRunning()) {
      node.start();
    }
  }

  /** With syncs nothing is lost by it; without, it costs one of the losses that are allowed. */
  private void losePower() {
    boolean mayLose = !options.syncs();
    if (!mayLose || mayLoseAnother()) {
      bringDown(any(), node -> node.losePower(mayLose));
    }
  }

  /** All at once, as when a building loses its power. */
  private void loseAllPower() {
    if (options.syncs()) {
      nodes.forEach(node -> bringDown(node, down -> down.losePower(false)));
    }
  }

  private void wipe() {
    if (mayLoseAnother()) {
      bringDown(any(), SimReplica::wipe);
    }
  }

  /**
   * What every member of the smallest in-sync set acknowledged survives as long as one of them
   * does: one disk fewer than that may be lost in a run.
   */
  private boolean mayLoseAnother() {
    return lossesLeft > 0 && lossesLeft-- > 0;
  }

  private void cut() {
    int from = any().id();
    int to = any().id();
    boolean isOneWay = random.nextBoolean();
    boolean isWhole = random.nextInt(3) == 0;
    List<int[]> links = new ArrayList<>();
    for (var other : nodes) {
      if (other.id() != from && (isWhole || other.id() == to)) {
        links.add(new int[] {from, other.id()});
        if (!isOneWay) {
          links.add(new int[] {other.id(), from});
        }
      }
    }
    links.forEach(link -> network.cut(link[0], link[1]));
    time.afterMs(
        random.nextInt(5_000), world, () -> links.forEach(link -> network.mend(link[0], link[1])));
  }

  /** Faults that meet roles: whoever has just joined hears nothing more, and then must lead. */
  private void maybeStrike(LogRecord before, LogRecord after) {
    boolean isJoin =
        after.term() == before.term() && after.inSync().size() > before.inSync().size();
    if (!isJoin || !options.strikesAtJoin() || isHealed || random.nextInt(3) != 0) {
      return;
    }
    int leader = after.leader();
    int joined = after.inSync().getLast().nodeId();
    network.cut(leader, joined);
    time.afterMs(random.nextInt(3_000), world, () -> network.mend(leader, joined));
    time.afterMs(random.nextInt(700), world, () -> bringDown(node(leader), SimReplica::kill));
  }

  /** The controller puts a replica on another node, once the ones before are in sync. */
  private void move() {
    var now = store.now();
    var target = any();
    boolean isSettled = now.inSync().size() == now.replicas().size() && now.electable().isEmpty();
    if (isSettled && !now.replicas().contains(target.id())) {
      var replicas = new ArrayList<>(now.replicas());
      replicas.set(random.nextInt(replicas.size()), target.id());
      store.change(record -> record.heldBy(replicas));
    }
  }

  private void produce() {
    for (var node : nodes) {
      if (node.append(nextValue)) {
        nextValue++;
      }
    }
  }

  private void heal() {
    isHealed = true;
    network.heal();
    store.heal();
    for (var node : nodes) {
      startAgain(node);
    }
    everyMs(500, () -> nodes.forEach(node -> node.onWatched(store.now())));
  }

  private boolean isDrained() {
    var leader = leader();
    if (leader == null || !isHealed) {
      return false;
    }
    var record = store.now();
    boolean isWhole =
        record.leader() == leader.id()
            && record.inSync().size() == record.replicas().size()
            && record.inSync().stream().allMatch(m -> record.replicas().contains(m.nodeId()));
    return isWhole
        && truth.committed() > 0
        && record.replicas().stream()
            .allMatch(id -> node(id).modelLog().committed() >= truth.committed() - 200)
        && leader.modelLog().committed() >= leader.modelLog().entries().size() - 50;
  }

  private @Nullable SimReplica leader() {
    SimReplica found = null;
    for (var node : nodes) {
      if (node.isLeading() && node.id() == store.now().leader()) {
        found = node;
      }
    }
    return found;
  }

  private void checkReplicas() {
    var leader = leader();
    if (leader != null) {
      truth.checkHas(leader.id(), leader.modelLog());
    }
    for (int id : store.now().replicas()) {
      var log = node(id).modelLog();
      for (int i = 0; i < log.committed(); i++) {
        truth.onCommitted(i, log.entries().get(i), id, time.monotonicNs());
      }
    }
  }

  private String state() {
    var state = new StringBuilder(store.now().toString());
    for (var node : nodes) {
      state
          .append(" node ")
          .append(node.id())
          .append(node.isRunning() ? " runs" : " is down")
          .append(node.isLeading() ? " and leads" : "")
          .append(" end=")
          .append(node.modelLog().entries().size())
          .append(" committed=")
          .append(node.modelLog().committed())
          .append(" history=")
          .append(node.modelLog().history());
    }
    return state.toString();
  }

  private void everyMs(long periodMs, Runnable task) {
    time.afterMs(
        periodMs,
        world,
        () -> {
          task.run();
          everyMs(periodMs, task);
        });
  }

  private void runFor(long forMs) {
    while (time.elapsedMs() < forMs && time.step()) {
      members.look(store.now(), nodes);
    }
  }
}
