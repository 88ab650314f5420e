package io.tidelog.simulation.cluster;

import io.tidelog.cold.format.ColdFooter;
import io.tidelog.cold.format.ColdFormat;
import io.tidelog.cold.format.ColdTrailer;
import io.tidelog.cold.store.InMemoryObjectStore;
import io.tidelog.cold.store.ObjectContent;
import io.tidelog.cold.store.ObjectPage;
import io.tidelog.cold.store.ObjectStore;
import io.tidelog.cold.store.StoredObject;
import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.simulation.log.SimColdTier;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The bucket as the product's cold tier uses it: calls fail before anything happened, or are
 * carried out and answered with an error, so that the next try finds its own object (412). What is
 * there is read as objects of the product, and shown to the readers of the simulation.
 */
final class SimBucket implements ObjectStore {

  private final InMemoryObjectStore store;
  private final SimColdTier shown;
  private final Random random;
  private final IntSupplier failPercent;
  private final Runnable onCreated;
  private long ownFound;

  /**
   * @param shown where readers look
   * @param failPercent of calls that fail now
   */
  SimBucket(
      Clock clock, SimColdTier shown, Random random, IntSupplier failPercent, Runnable onCreated) {
    this.store = new InMemoryObjectStore(clock);
    this.shown = shown;
    this.random = random;
    this.failPercent = failPercent;
    this.onCreated = onCreated;
  }

  /** How often an upload found the object that it had created before. */
  long ownFound() {
    return ownFound;
  }

  private <T extends @Nullable Object> T call(Supplier<T> action) {
    boolean isFailing = random.nextInt(100) < failPercent.getAsInt();
    if (isFailing && random.nextBoolean()) {
      throw new Fault.Retriable("simulated failure before the call");
    }
    var answer = action.get();
    if (isFailing) {
      throw new Fault.Uncertain("simulated failure after the call", null);
    }
    return answer;
  }

  @Override
  public PutOutcome create(String key, ObjectContent content) {
    return call(
        () -> {
          var outcome = store.create(key, content);
          if (outcome == PutOutcome.CREATED) {
            show(key, Math.toIntExact(content.sizeBytes()));
            onCreated.run();
          } else {
            ownFound++;
          }
          return outcome;
        });
  }

  private void show(String key, int sizeBytes) {
    var bytes = ByteBuffer.allocate(sizeBytes);
    store.get(key, 0, bytes);
    bytes.flip();
    var trailer = ColdTrailer.parse(bytes, sizeBytes - ColdFormat.TRAILER_BYTES, sizeBytes);
    var footer =
        ColdFooter.parse(
            bytes.slice((int) trailer.footerPosition(), trailer.footerSizeBytes()), trailer);
    Map<PartitionId, TreeMap<Long, ByteBuffer>> contents = new HashMap<>();
    for (int run = 0; run < footer.runCount(); run++) {
      var batches = contents.computeIfAbsent(footer.partition(run), id -> new TreeMap<>());
      SimColdTier.addBatches(
          bytes.slice((int) footer.runPosition(run), (int) footer.runSizeBytes(run)), batches);
    }
    shown.adopt(key, footer.log(), contents);
  }

  @Override
  public boolean get(String key, long position, ByteBuffer into) {
    return call(() -> store.get(key, position, into));
  }

  @Override
  public @Nullable StoredObject head(String key) {
    return this.<@Nullable StoredObject>call(() -> store.head(key));
  }

  @Override
  public ObjectPage list(String prefix, String startAfter, int maxObjects) {
    return call(() -> store.list(prefix, startAfter, maxObjects));
  }

  @Override
  public void delete(List<String> keys) {
    call(
        () -> {
          store.delete(keys);
          keys.forEach(shown::delete);
          return true;
        });
  }

  @Override
  public void abandonUploads(String prefix, long begunBeforeMs) {
    store.abandonUploads(prefix, begunBeforeMs);
  }

  @Override
  public void close() {}
}
