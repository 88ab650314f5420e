package io.tidelog.chaos.fault;

import io.tidelog.chaos.history.Place;
import java.util.Set;

/**
 * A fault as it came to be.
 *
 * @param target who was hit, and as what
 * @param startNs just before it happened, on the monotonic clock
 * @param healedNs when the last of it had been taken back
 * @param wholeNs when every server served and every replica was in sync again; {@link #NEVER} when
 *     that took too long
 * @param hit partitions that were served by whom it hit
 */
public record Fault(
    FaultKind kind, String target, long startNs, long healedNs, long wholeNs, Set<Place> hit) {

  /** In place of a moment that did not come. */
  public static final long NEVER = Long.MAX_VALUE;

  public Fault {
    hit = Set.copyOf(hit);
  }
}
