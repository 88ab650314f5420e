package io.tidelog.metadata.identity;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.ProducerIds;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Producer ids out of blocks that the store has reserved for this process; what is left of a block
 * at a crash is never used. Owned by the metadata lane.
 */
public final class ProducerIdBlocks implements ProducerIds {

  /** Ids reserved at once, as in Kafka. */
  public static final int BLOCK_SIZE = 1000;

  /** Callers that wait for a block; above it a call is refused as retriable. */
  static final int MAX_WAITING = 10_000;

  private final MetadataStore store;
  private final Lane lane;

  // Owned by the lane.
  private final ArrayDeque<CompletableFuture<Long>> waiting = new ArrayDeque<>();
  private long next;
  private long blockEnd;
  private boolean reserving;

  public ProducerIdBlocks(MetadataStore store, Lane lane) {
    this.store = store;
    this.lane = lane;
  }

  @Override
  public CompletionStage<Long> next() {
    var id = new CompletableFuture<Long>();
    lane.execute(
        () -> {
          if (waiting.size() >= MAX_WAITING) {
            id.completeExceptionally(
                new Fault.Retriable(MAX_WAITING + " callers wait for a producer id"));
            return;
          }
          waiting.add(id);
          giveOut();
        });
    return id;
  }

  private void giveOut() {
    while (next < blockEnd && !waiting.isEmpty()) {
      waiting.remove().complete(next++);
    }
    if (!waiting.isEmpty() && !reserving) {
      reserving = true;
      store
          .get(Keys.PRODUCER_IDS)
          .thenCompose(this::reserve)
          .whenComplete((start, failure) -> lane.execute(() -> onReserved(start, failure)));
    }
  }

  /** The first id of a block, or null when another process was faster. */
  private CompletionStage<@Nullable Long> reserve(@Nullable Entry entry) {
    long start = entry == null ? 0 : StoredValues.number(entry);
    long revision = entry == null ? 0 : entry.modRevision();
    return store
        .txn(
            Txn.when(Txn.Compare.unchangedSince(Keys.PRODUCER_IDS, revision))
                .put(Keys.PRODUCER_IDS, StoredValues.number(start + BLOCK_SIZE))
                .build())
        .thenApply(result -> result.held() ? start : null);
  }

  private void onReserved(@Nullable Long start, @Nullable Throwable failure) {
    reserving = false;
    if (failure != null) {
      waiting.forEach(id -> id.completeExceptionally(failure));
      waiting.clear();
    } else if (start != null) {
      next = start;
      blockEnd = start + BLOCK_SIZE;
    }
    giveOut();
  }
}
