package io.tidelog.gateway.fetch;

import io.tidelog.core.Lane;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * One {@code T} for each event loop, made when the loop first asks for its own. There are as many
 * loops as a node has cores, so a look along the list is the quickest.
 */
public final class PerLoop<T> {

  private final Function<Lane, T> make;
  private final List<Own<T>> owns = new CopyOnWriteArrayList<>();

  public PerLoop(Function<Lane, T> make) {
    this.make = make;
  }

  /** The {@code T} of an event loop; called on that loop. */
  public T of(Lane loop) {
    for (var own : owns) {
      if (own.loop.equals(loop)) {
        return own.value;
      }
    }
    var own = new Own<>(loop, make.apply(loop));
    owns.add(own);
    return own.value;
  }

  private record Own<T>(Lane loop, T value) {}
}
