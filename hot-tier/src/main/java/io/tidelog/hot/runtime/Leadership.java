package io.tidelog.hot.runtime;

import java.util.UUID;

/**
 * How a term of leading begins. Nothing is given to readers before its first frame is committed,
 * nothing is committed before {@link LogDriver#onReplicas} tells of the other replicas, or that
 * there are none, and nothing is served before {@link LogDriver#serveUntil} says how long.
 *
 * @param term higher than any before
 * @param incarnation of this process
 * @param provesFirst whether readers wait for the first frame; always, but in a simulation that
 *     shows why
 */
public record Leadership(long term, UUID incarnation, boolean provesFirst) {

  public Leadership(long term, UUID incarnation) {
    this(term, incarnation, true);
  }
}
