package io.tidelog.simulation.cluster;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.simulation.log.VirtualTime;
import io.tidelog.simulation.replica.SimRecordStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps where partitions live, and which are to move, as etcd would: one transaction after the
 * other, while calls time out before or after they are carried out, or are carried out long after;
 * watches lose and delay.
 */
final class SimMoveStore {

  private static final long NS_PER_MS = 1_000_000;

  private final Parts parts;
  private final VirtualTime time;
  private final Random random;
  private Consumer<Change> listener = change -> {};
  private Picture now;
  private long revision = 1;
  private int failPercent;
  private boolean isOut;

  /**
   * What it works with.
   *
   * @param watchers nodes that are told of changes
   * @param terms of the logs, as their records say now
   */
  record Parts(
      VirtualTime time,
      VirtualTime.Life world,
      Random random,
      SimRecordStore.Badness badness,
      ClusterMutant mutant,
      List<Integer> watchers,
      BiConsumer<Integer, Picture> watches,
      ToLongFunction<LogId> terms) {}

  /**
   * Where a partition lives.
   *
   * @param baseEpoch added to the term of its log it is what clients see
   * @param move under way, or null
   */
  record Home(LogId log, int baseEpoch, @Nullable PartitionMove move) {

    Home staying() {
      return new Home(log, baseEpoch, null);
    }
  }

  /** All partitions at one revision. */
  record Picture(long revision, Map<PartitionId, Home> homes) {

    Home home(PartitionId id) {
      return Objects.requireNonNull(homes.get(id), id::toString);
    }

    List<PartitionMove> moves() {
      return homes.values().stream().map(Home::move).filter(Objects::nonNull).toList();
    }
  }

  /** One partition, before and after. */
  record Change(PartitionId id, Home before, Home after) {

    boolean isSwap() {
      return !before.log().equals(after.log());
    }
  }

  SimMoveStore(Parts parts, Map<PartitionId, Home> homes) {
    this.parts = parts;
    this.time = parts.time();
    this.random = parts.random();
    this.failPercent = parts.badness().failPercent();
    this.now = new Picture(1, Map.copyOf(homes));
  }

  /** Of any change in the store, of the records of logs too. */
  long nextRevision() {
    return ++revision;
  }

  Picture now() {
    return now;
  }

  /** Told at once, as no node is. */
  void onChange(Consumer<Change> told) {
    listener = told;
  }

  /** The operator has a partition move, unless it moves or is there; always up to date. */
  void begin(PartitionId id, LogId to) {
    change(
        id,
        home ->
            home.move() != null || home.log().equals(to)
                ? home
                : new Home(
                    home.log(),
                    home.baseEpoch(),
                    new PartitionMove(id, revision + 1, home.log(), to)));
  }

  /** Takes a move back that stands. */
  void cancel(PartitionMove move) {
    change(move.partition(), home -> move.equals(home.move()) ? home.staying() : home);
  }

  /** As {@link io.tidelog.metadata.api.PartitionMoves#swapHome} has it. */
  void swap(PartitionMove move) {
    boolean isBlind = parts.mutant() == ClusterMutant.HOME_SWAPPED_BLINDLY;
    boolean isEpochKept = parts.mutant() == ClusterMutant.EPOCH_NOT_RAISED;
    change(
        move.partition(),
        home -> {
          if (!isBlind && !move.equals(home.move())) {
            return home;
          }
          long seen = home.baseEpoch() + parts.terms().applyAsLong(move.from());
          long base = Math.max(0, seen + 1 - parts.terms().applyAsLong(move.to()));
          return new Home(move.to(), isEpochKept ? home.baseEpoch() : (int) base, null);
        });
  }

  private void change(PartitionId id, UnaryOperator<Home> change) {
    var before = now.home(id);
    var after = change.apply(before);
    if (after.equals(before)) {
      return;
    }
    var homes = new HashMap<>(now.homes());
    homes.put(id, after);
    var stored = new Picture(nextRevision(), Map.copyOf(homes));
    now = stored;
    listener.accept(new Change(id, before, after));
    for (int node : new ArrayList<>(parts.watchers())) {
      if (random.nextInt(100) >= failPercent) {
        long lateMs = random.nextInt(8) == 0 ? random.nextInt(3_000) : random.nextInt(5);
        time.afterMs(lateMs, parts.world(), () -> parts.watches().accept(node, stored));
      }
    }
  }

  /** One call of a node; when it fails, it may be carried out all the same, at once or late. */
  void call(Runnable transaction, Runnable done, Runnable failed) {
    if (isOut || random.nextInt(100) < failPercent) {
      if (random.nextBoolean()) {
        long lateMs = random.nextBoolean() ? random.nextInt(10) : random.nextInt(5_000);
        time.afterMs(lateMs, parts.world(), transaction);
      }
      time.afterMs(20 + random.nextInt(400), parts.world(), failed);
      return;
    }
    time.at(
        time.monotonicNs() + latencyNs(),
        parts.world(),
        () -> {
          transaction.run();
          time.at(time.monotonicNs() + latencyNs(), parts.world(), done);
        });
  }

  /** Gives the newest picture, or nothing. */
  void read(Consumer<Picture> done, Runnable failed) {
    if (isOut || random.nextInt(100) < failPercent) {
      time.afterMs(20 + random.nextInt(400), parts.world(), failed);
      return;
    }
    time.at(
        time.monotonicNs() + latencyNs(),
        parts.world(),
        () -> {
          var seen = new Picture(revision, now.homes());
          time.at(time.monotonicNs() + latencyNs(), parts.world(), () -> done.accept(seen));
        });
  }

  private long latencyNs() {
    return NS_PER_MS / 2 + random.nextLong(5 * NS_PER_MS);
  }

  void goOut(boolean out) {
    isOut = out;
  }

  void heal() {
    isOut = false;
    failPercent = 0;
  }
}
