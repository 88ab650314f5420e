package io.tidelog.simulation.controller;

import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.controller.ControllerLimits;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.simulation.log.Violation;
import io.tidelog.simulation.log.VirtualTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * One run: nodes join, die, pause and are drained while the store fails, and their controllers
 * place logs; then everything is healed, and within a time every log must have its replicas, in
 * sync, spread over the nodes, none of them on a drained one, and nothing may change any more.
 */
public final class ControllerSimulation {

  private static final long NS_PER_MS = 1_000_000;
  private static final long CHAOS_MS = 30_000;
  private static final long HEAL_MS = 240_000;
  private static final long STILL_MS = 15_000;
  private static final int REPLICAS = 3;

  private final Random random;
  private final ControllerOptions options;
  private final VirtualTime time;
  private final VirtualTime.Life world = new VirtualTime.Life();
  private final SimStore store;
  private final ProcessStore.Shared shared;
  private final List<ControlNode> nodes = new ArrayList<>();
  private final Set<Integer> drained = new HashSet<>();
  private final PlacementHolds placement = new PlacementHolds();
  private final Set<Integer> joined = new HashSet<>();
  private boolean isHealed;
  private long changedMs;

  private ControllerSimulation(long seed, ControllerHole hole) {
    this.random = new Random(seed);
    this.options = ControllerOptions.of(random);
    this.time = new VirtualTime(random.nextLong());
    this.store = new SimStore(this::onChanged);
    this.shared =
        new ProcessStore.Shared(
            time, world, new Random(random.nextLong()), store, hole, placement::onCarriedOut);
    shared.failPercent = options.failPercent();
    shared.lossPercent = options.lossPercent();
    shared.readsStale = options.readsStale();
    var limits =
        new ControllerLimits(
            options.logsPerNode(),
            REPLICAS,
            4,
            60_000 * NS_PER_MS,
            true,
            2_000 * NS_PER_MS,
            600_000 * NS_PER_MS,
            5_000 * NS_PER_MS);
    var parts =
        new ControlNode.Parts(shared, limits, new Random(random.nextLong()), id -> node(id).isUp());
    for (int id = 1; id <= options.nodes() + options.joining(); id++) {
      var rack = options.racks() == 0 ? null : "rack-" + id % options.racks();
      nodes.add(new ControlNode(id, rack, parts));
    }
  }

  /**
   * Runs one seed.
   *
   * @return what happened, the same for the same seed
   * @throws Violation naming the seed
   */
  public static Outcome run(long seed, ControllerHole hole) {
    var simulation = new ControllerSimulation(seed, hole);
    try {
      return simulation.run();
    } catch (RuntimeException e) {
      var violation =
          new Violation(
              "seed "
                  + seed
                  + " at "
                  + simulation.time.elapsedMs()
                  + " ms: "
                  + e
                  + " with "
                  + simulation.options);
      violation.initCause(e);
      throw violation;
    }
  }

  /**
   * @param controllers that were elected
   * @param trace a hash of every event
   */
  public record Outcome(long logs, long controllers, long decisions, long trace) {}

  private ControlNode node(int id) {
    return nodes.get(id - 1);
  }

  private ControlNode any() {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private void onChanged(long revision, List<WatchEvent> events) {
    for (var event : events) {
      if (event instanceof WatchEvent.Put(Entry entry) && entry.key().startsWith(Keys.LOGS)) {
        placement.onLog(StoredValues.log(entry));
        changedMs = time.elapsedMs();
      } else if (event.key().equals(Keys.CONTROLLER) && event instanceof WatchEvent.Put) {
        placement.onElected();
      }
    }
    nodes.forEach(node -> node.onChanged(revision, events));
  }

  private Outcome run() {
    for (int id = 1; id <= options.nodes(); id++) {
      joined.add(id);
      node(id).start();
    }
    schedule();
    everyMs(50, () -> store.expire(time.monotonicNs()));
    while (time.elapsedMs() < CHAOS_MS && time.step()) {
      // each change is looked at
    }
    heal();
    long deadlineMs = time.elapsedMs() + HEAL_MS;
    while (time.elapsedMs() - changedMs < STILL_MS || !placementFault().isEmpty()) {
      if (time.elapsedMs() > deadlineMs || !time.step()) {
        throw new Violation("too late: " + placementFault() + " " + state());
      }
    }
    return new Outcome(logs().size(), placement.elections(), placement.decisions(), time.trace());
  }

  private void schedule() {
    repeat(options.joining(), this::join);
    repeat(options.kills(), this::kill);
    repeat(
        options.pauses(),
        () -> any().pause(time.monotonicNs() + random.nextInt(8_000) * NS_PER_MS));
    repeat(options.cuts(), this::cut);
    repeat(options.outages(), this::loseStore);
    repeat(options.lostLeases(), () -> store.endLease(random.nextInt(10)));
    repeat(options.drains(), this::drain);
  }

  private void repeat(int times, Runnable fault) {
    for (int i = 0; i < times; i++) {
      after(random.nextLong(CHAOS_MS), fault);
    }
  }

  private void after(long delayMs, Runnable task) {
    time.afterMs(
        delayMs,
        world,
        () -> {
          if (!isHealed) {
            task.run();
          }
        });
  }

  private void join() {
    for (var node : nodes) {
      if (joined.add(node.id())) {
        node.start();
        return;
      }
    }
  }

  private void kill() {
    var node = any();
    if (node.isUp()) {
      node.kill();
      time.afterMs(random.nextInt(10_000), world, node::start);
    }
  }

  private void cut() {
    var node = any();
    node.cut(true);
    after(random.nextInt(8_000), () -> node.cut(false));
  }

  private void loseStore() {
    shared.isOut = true;
    after(random.nextInt(6_000), () -> shared.isOut = false);
  }

  /** As long as enough nodes are left to hold everything. */
  private void drain() {
    var node = any();
    var by = any();
    if (joined.contains(node.id()) && joined.size() - drained.size() > REPLICAS) {
      drained.add(node.id());
      by.drain(node.id(), true);
      if (random.nextInt(3) == 0) {
        after(
            random.nextInt(10_000),
            () -> {
              drained.remove(node.id());
              any().drain(node.id(), false);
            });
      }
    }
  }

  private void heal() {
    isHealed = true;
    shared.failPercent = 0;
    shared.lossPercent = 0;
    shared.readsStale = false;
    shared.isOut = false;
    for (var node : nodes) {
      joined.add(node.id());
      node.resume();
      node.cut(false);
      node.start();
    }
    // What an operator asked for may have been lost: it is asked for again.
    everyMs(
        3_000,
        () ->
            nodes.forEach(
                node -> {
                  boolean isDrained = store.get(Keys.drain(node.id())) != null;
                  if (isDrained != drained.contains(node.id())) {
                    node.drain(node.id(), !isDrained);
                  }
                  node.start();
                }));
    changedMs = time.elapsedMs();
  }

  private List<LogRecord> logs() {
    return store.range(Keys.LOGS, MetadataStore.NEWEST).entries().stream()
        .map(StoredValues::log)
        .toList();
  }

  /** What is not yet as it should be, or nothing. */
  private String placementFault() {
    var seat = store.get(Keys.CONTROLLER);
    if (seat == null || !node(StoredValues.controller(seat).nodeId()).isUp()) {
      return "nobody is the controller";
    }
    var holding = nodes.stream().filter(node -> !drained.contains(node.id())).toList();
    return placement.faultOf(logs(), holding, drained, options.logsPerNode(), REPLICAS);
  }

  private String state() {
    var held = new TreeMap<Integer, Integer>();
    for (var log : logs()) {
      log.replicas().forEach(id -> held.merge(id, 1, Integer::sum));
    }
    return "held " + held + " drained " + drained + " changed at " + changedMs + " " + logs();
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
}
