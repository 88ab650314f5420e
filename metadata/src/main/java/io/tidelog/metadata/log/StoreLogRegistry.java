package io.tidelog.metadata.log;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.LogRegistry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.Subscription;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoreFollower;
import io.tidelog.metadata.image.StoredValues;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;

/**
 * The records of all logs as the store has them. It follows by watch and by reading everything anew
 * now and then; a record older than the one known is dropped wherever it comes from, so that nobody
 * is told of a term that is over after one that is not. The metadata lane owns it.
 */
public final class StoreLogRegistry implements LogRegistry, AutoCloseable {

  private final MetadataStore store;
  private final Lane lane;
  private final StoreFollower follower;

  // Owned by the lane.
  private final List<Consumer<LogRecord>> listeners = new ArrayList<>();

  private volatile HashPMap<LogId, LogRecord> records = HashTreePMap.empty();

  /**
   * @param reconcileNs how often all records are read anew, or {@link StoreFollower#NEVER}
   */
  public StoreLogRegistry(MetadataStore store, Lane lane, Clock clock, long reconcileNs) {
    this.store = store;
    this.lane = lane;
    this.follower = new StoreFollower(store, Keys.LOGS, lane, clock, reconcileNs, this::onChanges);
  }

  /** Completes on the lane when all records in the store are known here. */
  public CompletionStage<Void> start() {
    return follower.start();
  }

  @Override
  public @Nullable LogRecord find(LogId log) {
    return records.get(log);
  }

  @Override
  public Collection<LogRecord> all() {
    return records.values();
  }

  @Override
  public Subscription onChange(Consumer<LogRecord> listener) {
    lane.execute(() -> listeners.add(listener));
    return () -> lane.execute(() -> listeners.remove(listener));
  }

  @Override
  public CompletionStage<@Nullable LogRecord> read(LogId log) {
    return store
        .get(Keys.log(log))
        .thenApplyAsync(entry -> entry == null ? null : learn(StoredValues.log(entry)), lane);
  }

  @Override
  public CompletionStage<LogRecord> propose(LogRecord next) {
    var key = Keys.log(next.id());
    return store
        .txn(
            Txn.when(Txn.Compare.unchangedSince(key, next.modRevision()))
                .put(key, StoredValues.log(next))
                .elseGet(key)
                .build())
        .thenApplyAsync(result -> learn(decided(next, result)), lane);
  }

  /** Ends the watch; on the lane. */
  @Override
  public void close() {
    follower.close();
  }

  private static LogRecord decided(LogRecord next, TxnResult result) {
    if (result.held()) {
      return next.at(result.revision());
    }
    if (result.read().isEmpty()) {
      throw new Fault.Fenced("log " + next.id() + " exists no more");
    }
    return StoredValues.log(result.read().getFirst());
  }

  private void onChanges(long revision, List<WatchEvent> changes) {
    for (var change : changes) {
      if (change instanceof WatchEvent.Put put) {
        learn(StoredValues.log(put.entry()));
      } else {
        records = records.minus(Keys.logOf(change.key()));
      }
    }
  }

  /** Keeps it and tells it if it is news; what was asked for is answered either way. */
  private LogRecord learn(LogRecord record) {
    var known = records.get(record.id());
    if (known == null || known.modRevision() < record.modRevision()) {
      records = records.plus(record.id(), record);
      listeners.forEach(listener -> listener.accept(record));
    }
    return record;
  }
}
