package io.tidelog.metadata;

import io.tidelog.core.Fault;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A store whose watches lose, repeat and reorder what they tell, as long as {@link #lossy} is set;
 * everything else is the other store's.
 */
public final class FaultyWatchStore implements MetadataStore {

  private static final int FATES = 8;

  private final MetadataStore store;
  private final Random random;
  private final int fates;

  private Predicate<String> lost = key -> false;

  /** Whether watches misbehave for now. */
  public volatile boolean lossy = true;

  public FaultyWatchStore(MetadataStore store, long seed) {
    this(store, seed, FATES);
  }

  /**
   * @param fates 1 for a watch that tells nothing, more for a better one
   */
  public FaultyWatchStore(MetadataStore store, long seed, int fates) {
    this.store = store;
    this.random = new Random(seed);
    this.fates = fates;
  }

  /** Watches tell all but changes of these keys. */
  public static FaultyWatchStore losing(MetadataStore store, Predicate<String> keys) {
    var losing = new FaultyWatchStore(store, 0);
    losing.lossy = false;
    losing.lost = keys;
    return losing;
  }

  @Override
  public CompletionStage<@Nullable Entry> get(String key) {
    return store.get(key);
  }

  @Override
  public CompletionStage<RangeResult> range(String prefix, int limit, long atRevision) {
    return store.range(prefix, limit, atRevision);
  }

  @Override
  public CompletionStage<TxnResult> txn(Txn txn) {
    return store.txn(txn);
  }

  @Override
  public Watch watch(String prefix, long fromRevision, Executor lane, WatchListener listener) {
    return store.watch(
        prefix,
        fromRevision,
        lane,
        new WatchListener() {
          private final List<List<WatchEvent>> held = new ArrayList<>();

          @Override
          public void onEvents(long revision, List<WatchEvent> events) {
            for (var event : events) {
              tell(List.of(event), listener);
            }
          }

          private void tell(List<WatchEvent> event, WatchListener told) {
            if (lost.test(event.getFirst().key())) {
              return;
            }
            int fate = lossy ? random.nextInt(fates) : FATES;
            switch (fate) {
              case 0 -> {}
              case 1, 2 -> held.add(event);
              case 3 -> {
                held.add(event);
                pass(event, told);
              }
              default -> pass(event, told);
            }
            if (!held.isEmpty() && random.nextInt(3) == 0) {
              pass(held.remove(random.nextInt(held.size())), told);
            }
          }

          private void pass(List<WatchEvent> event, WatchListener told) {
            told.onEvents(event.getFirst().revision(), event);
          }

          @Override
          public void onCompacted(long compactedRevision) {
            listener.onCompacted(compactedRevision);
          }
        });
  }

  @Override
  public CompletionStage<Long> grant(long ttlMs) {
    return store.grant(ttlMs);
  }

  @Override
  public CompletionStage<Long> keepAliveOnce(long lease) {
    return store.keepAliveOnce(lease);
  }

  @Override
  public CompletionStage<Void> revoke(long lease) {
    return store.revoke(lease);
  }

  @Override
  public CompletionStage<Void> compact(long revision) {
    return store.compact(revision);
  }

  @Override
  public CompletionStage<Fault> stopped() {
    return store.stopped();
  }

  @Override
  public void close() {
    store.close();
  }
}
