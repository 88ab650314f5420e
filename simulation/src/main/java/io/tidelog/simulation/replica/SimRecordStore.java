package io.tidelog.simulation.replica;

import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.log.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * Keeps the log's record as etcd would: one compare-and-swap after the other, while calls time out
 * before or after they are carried out, or are carried out long after; reads may be old, watches
 * lose and delay.
 */
public final class SimRecordStore {

  private static final long NS_PER_MS = 1_000_000;

  private final VirtualTime time;
  private final VirtualTime.Life world;
  private final Random random;
  private final boolean isBlind;
  private final boolean readsStale;
  private final BiConsumer<Integer, LogRecord> watches;
  private final List<Integer> nodes;
  private final List<LogRecord> versions = new ArrayList<>();
  private BiConsumer<LogRecord, LogRecord> listener = (before, after) -> {};
  private LongUnaryOperator revisions = before -> before + 1;
  private int failPercent;
  private boolean isOut;

  /**
   * How badly it does.
   *
   * @param failPercent of calls that fail, before or after they are carried out
   * @param readsStale whether a read may answer with an older version
   * @param isBlind whether it replaces without a compare, which no store may
   */
  public record Badness(int failPercent, boolean readsStale, boolean isBlind) {}

  public SimRecordStore(
      VirtualTime time,
      VirtualTime.Life world,
      Random random,
      Badness badness,
      LogRecord first,
      List<Integer> nodes,
      BiConsumer<Integer, LogRecord> watches) {
    this.time = time;
    this.world = world;
    this.random = random;
    this.isBlind = badness.isBlind();
    this.readsStale = badness.readsStale();
    this.failPercent = badness.failPercent();
    this.nodes = nodes;
    this.watches = watches;
    versions.add(first.at(1));
  }

  /**
   * Has revisions counted together with those of others in the same store.
   *
   * @param given the revision before, the next one
   */
  public void countRevisions(LongUnaryOperator given) {
    revisions = given;
  }

  /** Told at once, as no node is, of the record before and after each change. */
  public void onChange(BiConsumer<LogRecord, LogRecord> told) {
    listener = told;
  }

  public LogRecord now() {
    return versions.getLast();
  }

  /** Every version there was, oldest first. */
  public List<LogRecord> versions() {
    return versions;
  }

  public void propose(LogRecord next, Consumer<LogRecord> done, Runnable failed) {
    if (isOut || random.nextInt(100) < failPercent) {
      boolean isCarriedOut = random.nextBoolean();
      if (isCarriedOut) {
        long lateMs = random.nextBoolean() ? random.nextInt(10) : random.nextInt(5_000);
        time.afterMs(lateMs, world, () -> swap(next));
      }
      time.afterMs(20 + random.nextInt(400), world, failed);
      return;
    }
    time.at(
        time.monotonicNs() + latencyNs(),
        world,
        () -> {
          swap(next);
          var now = now();
          time.at(time.monotonicNs() + latencyNs(), world, () -> done.accept(now));
        });
  }

  private long latencyNs() {
    return NS_PER_MS / 2 + random.nextLong(10 * NS_PER_MS);
  }

  private void swap(LogRecord next) {
    if (next.modRevision() == now().modRevision() || isBlind) {
      change(record -> next);
    }
  }

  /** The controller changes the record; it is always up to date. */
  public void change(UnaryOperator<LogRecord> change) {
    var before = now();
    var stored = change.apply(before).at(revisions.applyAsLong(before.modRevision()));
    versions.add(stored);
    listener.accept(before, stored);
    for (int node : nodes) {
      if (random.nextInt(100) >= failPercent) {
        long lateMs = random.nextInt(8) == 0 ? random.nextInt(3_000) : random.nextInt(5);
        time.afterMs(lateMs, world, () -> watches.accept(node, stored));
      }
    }
  }

  public void read(Consumer<LogRecord> done) {
    if (isOut || random.nextInt(100) < failPercent) {
      return;
    }
    boolean isStale = readsStale && random.nextInt(10) == 0;
    var seen = isStale ? versions.get(random.nextInt(versions.size())) : now();
    time.at(time.monotonicNs() + latencyNs(), world, () -> done.accept(seen));
  }

  public void goOut(boolean out) {
    isOut = out;
  }

  public void heal() {
    isOut = false;
    failPercent = 0;
  }
}
