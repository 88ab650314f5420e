package io.tidelog.hot.view;

import io.tidelog.core.BatchHeader;
import io.tidelog.hot.format.ImportedState.Producer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The producers that the partitions of a log remember, the one silent longest first. Producers of a
 * closed partition stay until they expire, since their partition reference is never used again.
 * Belongs to its view.
 */
public final class ProducerTable {

  private final ProducerLimits limits;

  /** In the order of their last append, which is also the order of append times. */
  private final LinkedHashMap<ProducerKey, ProducerState> producers = new LinkedHashMap<>();

  ProducerTable(ProducerLimits limits) {
    this.limits = limits;
  }

  /**
   * What is remembered, or null when there is nothing or it has expired.
   *
   * @param nowMs the append time of what is to be judged
   */
  public @Nullable ProducerState find(ProducerKey key, long nowMs) {
    var state = producers.get(key);
    return state == null || hasExpired(state, nowMs) ? null : state;
  }

  private boolean hasExpired(ProducerState state, long nowMs) {
    return nowMs - state.lastAppendTimeMs() >= limits.expirationMs();
  }

  /** Whether it is remembered, expired or not. */
  public boolean contains(ProducerKey key) {
    return producers.containsKey(key);
  }

  /**
   * @param forgotten told each producer that is not remembered any longer
   */
  void onAppended(
      int partitionRef, BatchHeader batch, long appendTimeMs, Consumer<ProducerKey> forgotten) {
    expire(appendTimeMs, forgotten);
    var key = new ProducerKey(partitionRef, batch.producerId());
    producers.putLast(key, ProducerState.after(producers.get(key), batch, appendTimeMs));
    if (producers.size() > limits.maxProducers()) {
      forgotten.accept(producers.pollFirstEntry().getKey());
    }
  }

  private void expire(long nowMs, Consumer<ProducerKey> forgotten) {
    while (!producers.isEmpty() && hasExpired(producers.firstEntry().getValue(), nowMs)) {
      forgotten.accept(producers.pollFirstEntry().getKey());
    }
  }

  /** A partition's producers that have not expired. */
  public List<Map.Entry<Long, ProducerState>> of(int partitionRef, long nowMs) {
    List<Map.Entry<Long, ProducerState>> found = new ArrayList<>();
    producers.forEach(
        (key, state) -> {
          if (key.partitionRef() == partitionRef && !hasExpired(state, nowMs)) {
            found.add(Map.entry(key.producerId(), state));
          }
        });
    return found;
  }

  /** All that is remembered of a partition's producers, the one silent longest first. */
  List<Producer> saved(int partitionRef) {
    List<Producer> saved = new ArrayList<>();
    producers.forEach(
        (key, state) -> {
          if (key.partitionRef() == partitionRef) {
            saved.add(state.saved(key.producerId()));
          }
        });
    return saved;
  }

  /** A partition has come with its producers: all are in the order of append times again. */
  void onImported(int partitionRef, List<Producer> imported, Consumer<ProducerKey> forgotten) {
    if (imported.isEmpty()) {
      return;
    }
    List<Map.Entry<ProducerKey, ProducerState>> all = new ArrayList<>(producers.entrySet());
    for (var producer : imported) {
      var key = new ProducerKey(partitionRef, producer.producerId());
      all.add(Map.entry(key, ProducerState.of(producer)));
    }
    all.sort(Comparator.comparingLong(entry -> entry.getValue().lastAppendTimeMs()));
    producers.clear();
    all.forEach(entry -> producers.putLast(entry.getKey(), entry.getValue()));
    while (producers.size() > limits.maxProducers()) {
      forgotten.accept(producers.pollFirstEntry().getKey());
    }
  }

  public int count() {
    return producers.size();
  }

  void forEach(BiConsumer<ProducerKey, ProducerState> action) {
    producers.forEach(action);
  }

  void restore(ProducerKey key, ProducerState state) {
    producers.putLast(key, state);
  }
}
