package io.tidelog.hot.node;

import io.tidelog.core.LogId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.LogRegistry;
import io.tidelog.metadata.api.Subscription;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Records of logs in memory, which all who hold it have agreed on. */
final class MemoryRegistry implements LogRegistry {

  private final ConcurrentHashMap<LogId, LogRecord> records = new ConcurrentHashMap<>();
  private final List<Consumer<LogRecord>> listeners = new CopyOnWriteArrayList<>();
  private final AtomicLong revision = new AtomicLong();

  /** As another node does that changes a record. */
  LogRecord put(LogRecord record) {
    var stored = record.at(revision.incrementAndGet());
    records.put(stored.id(), stored);
    listeners.forEach(listener -> listener.accept(stored));
    return stored;
  }

  /** How many are told of changes. */
  int listeners() {
    return listeners.size();
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
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public CompletionStage<@Nullable LogRecord> read(LogId log) {
    return CompletableFuture.completedStage(records.get(log));
  }

  @Override
  public CompletionStage<LogRecord> propose(LogRecord next) {
    var now =
        records.compute(
            next.id(),
            (id, present) ->
                present != null && present.modRevision() == next.modRevision()
                    ? next.at(revision.incrementAndGet())
                    : present);
    if (now != null) {
      listeners.forEach(listener -> listener.accept(now));
    }
    return CompletableFuture.completedStage(now);
  }
}
