package io.tidelog.hot.replica.net;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A small map that any thread reads and that is replaced as a whole for a change, which is rare.
 */
final class CopiedMap<K, V> {

  private final AtomicReference<Map<K, V>> current = new AtomicReference<>(Map.of());

  @Nullable V get(K key) {
    return now().get(key);
  }

  Collection<V> values() {
    return now().values();
  }

  void put(K key, V value) {
    change(map -> map.put(key, value));
  }

  void remove(K key) {
    change(map -> map.remove(key));
  }

  /** What is there then: {@code value}, unless another was before it. */
  V putIfAbsent(K key, V value) {
    change(map -> map.putIfAbsent(key, value));
    return now().getOrDefault(key, value);
  }

  private Map<K, V> now() {
    return requireNonNull(current.get());
  }

  private void change(Consumer<Map<K, V>> change) {
    current.updateAndGet(
        before -> {
          var after = new HashMap<>(before);
          change.accept(after);
          return Map.copyOf(after);
        });
  }
}
