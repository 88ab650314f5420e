package io.tidelog.simulation.controller;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.controller.Controller;
import io.tidelog.metadata.controller.ControllerLimits;
import io.tidelog.metadata.controller.ControllerMachine;
import io.tidelog.metadata.controller.NodeAdminService;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.log.StoreLogRegistry;
import io.tidelog.metadata.node.NodeSession;
import io.tidelog.metadata.node.SessionLimits;
import io.tidelog.simulation.log.VirtualTime;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One machine, with at most one process: picture, registry, session and controller of the product,
 * and replicas that do what those of the product would, as far as the record shows it.
 */
final class ControlNode {

  private static final long RECONCILE_NS = 3_000_000_000L;
  private static final SessionLimits SESSION = new SessionLimits(3_000, 500);
  private static final int ACT_MS = 150;

  private final int id;
  private final @Nullable String rack;
  private final Parts parts;
  private int lives;
  private VirtualTime.Life life = new VirtualTime.Life();
  private @Nullable Running process;

  /**
   * What all nodes share.
   *
   * @param isRunning whether a node is, as its connections show
   */
  record Parts(
      ProcessStore.Shared store, ControllerLimits limits, Random random, IntPredicate isRunning) {}

  private record Running(
      ProcessStore store,
      ImageKeeper images,
      StoreLogRegistry registry,
      NodeSession session,
      NodeAdminService admin) {}

  ControlNode(int id, @Nullable String rack, Parts parts) {
    this.id = id;
    this.rack = rack;
    this.parts = parts;
    life.isOver = true;
  }

  int id() {
    return id;
  }

  @Nullable String rack() {
    return rack;
  }

  boolean isUp() {
    return process != null;
  }

  static UUID disk(int id) {
    return new UUID(id, 77);
  }

  void start() {
    if (process != null) {
      return;
    }
    life = new VirtualTime.Life();
    lives++;
    var time = parts.store().time;
    var lane = time.lane(life, 1_000_000);
    var incarnation = new UUID(id, lives);
    var store = new ProcessStore(parts.store(), life, incarnation);
    var empty = ClusterView.empty(id, TopicDefaults.of(Map.of()));
    boolean isTrusting = parts.store().hole == ControllerHole.WATCHES_TRUSTED;
    long reconcileNs = isTrusting ? Long.MAX_VALUE / 4 : RECONCILE_NS;
    var images = new ImageKeeper(store, lane, time, empty, reconcileNs);
    var registry = new StoreLogRegistry(store, lane, time, reconcileNs);
    var at = new Endpoint("node-" + id, 9092);
    var self =
        new NodeRegistration(
            id, Set.of(NodeRole.HOT), null, at, at, rack, incarnation, disk(id), false);
    var session = new NodeSession(store, lane, time, SESSION, self);
    var random = new Random(parts.random().nextLong());
    var machine =
        new ControllerMachine(parts.limits(), () -> new LogId(new UUID(id, random.nextLong())));
    var controller =
        new Controller(
            store, images, session, self, machine, Handovers.bySwap(registry), lane, time);
    process =
        new Running(store, images, registry, session, new NodeAdminService(store, images, lane));
    begin(images, registry, session, controller);
    var unused = session.ended().thenRun(() -> lane.execute(this::kill));
    act();
  }

  /** Again and again until the store answers, as the server does. */
  private void begin(
      ImageKeeper images, StoreLogRegistry registry, NodeSession session, Controller controller) {
    var began = life;
    var unused =
        images
            .start()
            .thenCompose(nothing -> registry.start())
            .whenComplete(
                (nothing, failure) -> {
                  if (failure != null) {
                    parts.store().time.afterMs(300, began, () -> restart(began));
                  } else {
                    session.follow(images);
                    var _ = session.start();
                    controller.start();
                  }
                });
  }

  private void restart(VirtualTime.Life of) {
    if (life == of) {
      kill();
      start();
    }
  }

  void kill() {
    life.isOver = true;
    process = null;
  }

  void pause(long untilNs) {
    life.pausedUntilNs = Math.max(life.pausedUntilNs, untilNs);
  }

  void resume() {
    life.pausedUntilNs = 0;
  }

  void cut(boolean cut) {
    if (process != null) {
      process.store().cut(cut);
    }
  }

  void onChanged(long revision, List<WatchEvent> events) {
    if (process != null) {
      process.store().onChanged(revision, events);
    }
  }

  /** Has an operator drain a node by this one. */
  void drain(int node, boolean wanted) {
    if (process != null) {
      var unused = process.admin().drain(node, wanted);
    }
  }

  private void act() {
    var acting = life;
    parts
        .store()
        .time
        .afterMs(
            ACT_MS + parts.random().nextInt(ACT_MS),
            acting,
            () -> {
              if (process != null) {
                process.registry().all().forEach(this::act);
              }
              act();
            });
  }

  /** What this node's replica of a log would do. */
  private void act(LogRecord log) {
    var running = process;
    if (running == null) {
      return;
    }
    var self = new ReplicaId(id, disk(id));
    boolean isFirst = log.replicas().getFirst() == id;
    boolean isLost =
        log.leader() == LogRecord.NO_LEADER ? isFirst : !parts.isRunning().test(log.leader());
    if (log.leader() == id) {
      lead(log, running);
    } else if (isLost && log.mayLead(self) && !hasBetter(log)) {
      var unused = running.registry().propose(log.takenOverBy(self, log.term() + 1));
    }
  }

  /** Another one that is in sync, where this one is only electable. */
  private boolean hasBetter(LogRecord log) {
    return log.inSync().stream().noneMatch(member -> member.nodeId() == id)
        && log.inSync().stream().anyMatch(member -> parts.isRunning().test(member.nodeId()));
  }

  /** Those that answer come in sync, one after the other, and those that do not leave. */
  private void lead(LogRecord log, Running running) {
    var members = new HashSet<Integer>();
    var gone = new HashSet<ReplicaId>();
    for (var member : log.inSync()) {
      members.add(member.nodeId());
      if (member.nodeId() != id && !parts.isRunning().test(member.nodeId())) {
        gone.add(member);
      }
    }
    var missing =
        log.replicas().stream()
            .filter(replica -> !members.contains(replica) && parts.isRunning().test(replica))
            .findFirst();
    if (!gone.isEmpty()) {
      var unused = running.registry().propose(log.shrunkBy(gone));
    } else if (missing.isPresent() && parts.random().nextInt(3) == 0) {
      var joined = new ReplicaId(missing.get(), disk(missing.get()));
      var unused = running.registry().propose(log.grownBy(joined));
    }
  }
}
