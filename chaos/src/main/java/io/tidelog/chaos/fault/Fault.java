package io.tidelog.chaos.fault;

import io.tidelog.chaos.history.Place;
import java.util.Set;

/**
 * A fault as it came to be.
 *
 * @param target who was hit, and as what
 * @param startNs just before it happened, on the monotonic clock
 * @param healedNs when the last of it had been taken back
 * @param hit partitions that were served by whom it hit
 */
public record Fault(FaultKind kind, String target, long startNs, long healedNs, Set<Place> hit) {

  public Fault {
    hit = Set.copyOf(hit);
  }
}
