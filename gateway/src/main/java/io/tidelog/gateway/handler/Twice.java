package io.tidelog.gateway.handler;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds what a request names more than once: Kafka then does nothing with it and refuses it once.
 */
final class Twice {

  private Twice() {}

  /** What occurs more than once among the names of {@code elements}, in order. */
  static <E, N> Set<N> of(Iterable<E> elements, Function<? super E, ? extends N> nameOf) {
    var seen = new HashSet<N>();
    var twice = new LinkedHashSet<N>();
    for (var element : elements) {
      var name = nameOf.apply(element);
      if (!seen.add(name)) {
        twice.add(name);
      }
    }
    return twice;
  }
}
