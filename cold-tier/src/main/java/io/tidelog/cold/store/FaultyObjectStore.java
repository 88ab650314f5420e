package io.tidelog.cold.store;

import io.tidelog.core.Fault;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Another store with the failures of a bad day, the same for the same seed and calls: calls that
 * fail before anything happened, calls that succeed and are answered with an error, slow ones, and
 * outages. It never changes a byte.
 */
public final class FaultyObjectStore implements ObjectStore {

  /**
   * How often what goes wrong, as probabilities from 0 to 1.
   *
   * @param failBefore {@code Retriable}, nothing happened
   * @param failAfter {@code Uncertain}, it did happen
   * @param slow the call takes {@code slowMs} more
   */
  public record Plan(double failBefore, double failAfter, double slow, long slowMs) {
    public static final Plan HEALTHY = new Plan(0, 0, 0, 0);
    public static final Plan OUTAGE = new Plan(1, 0, 0, 0);
  }

  private final ObjectStore store;
  private final LongConsumer passTimeMs;
  private final ReentrantLock randomLock = new ReentrantLock();
  private final SplittableRandom random;
  private volatile Plan plan = Plan.HEALTHY;

  /**
   * @param passTimeMs lets so many milliseconds pass: moves a test's clock, or waits for a latch
   */
  public FaultyObjectStore(ObjectStore store, long seed, LongConsumer passTimeMs) {
    this.store = store;
    this.random = new SplittableRandom(seed);
    this.passTimeMs = passTimeMs;
  }

  /** What goes wrong from now on. */
  public void plan(Plan next) {
    plan = next;
  }

  @Override
  public PutOutcome create(String key, ObjectContent content) {
    return call("create " + key, () -> store.create(key, content));
  }

  @Override
  public boolean get(String key, long position, ByteBuffer into) {
    return call("get " + key, () -> store.get(key, position, into));
  }

  @Override
  @SuppressWarnings("NullAway") // the answer of a call may be null, which Supplier cannot say
  public @Nullable StoredObject head(String key) {
    return call("head " + key, () -> store.head(key));
  }

  @Override
  public ObjectPage list(String prefix, String startAfter, int maxObjects) {
    return call("list " + prefix, () -> store.list(prefix, startAfter, maxObjects));
  }

  @Override
  public void delete(List<String> keys) {
    call(
        "delete",
        () -> {
          store.delete(keys);
          return true;
        });
  }

  @Override
  public void abandonUploads(String prefix, long begunBeforeMs) {
    call(
        "abandon uploads " + prefix,
        () -> {
          store.abandonUploads(prefix, begunBeforeMs);
          return true;
        });
  }

  @Override
  public void close() {
    store.close();
  }

  private <T> T call(String what, Supplier<T> action) {
    var now = plan;
    if (draw() < now.slow()) {
      passTimeMs.accept(now.slowMs());
    }
    if (draw() < now.failBefore()) {
      throw new Fault.Retriable("planned failure before " + what);
    }
    T result = action.get();
    if (draw() < now.failAfter()) {
      throw new Fault.Uncertain("planned failure after " + what, null);
    }
    return result;
  }

  private double draw() {
    randomLock.lock();
    try {
      return random.nextDouble();
    } finally {
      randomLock.unlock();
    }
  }
}
