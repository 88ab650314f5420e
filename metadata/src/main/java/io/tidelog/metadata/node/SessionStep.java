package io.tidelog.metadata.node;

/** What a {@link NodeSessionMachine} wants done now. */
sealed interface SessionStep {

  /** A request to the store; its answer names the request. */
  sealed interface Request extends SessionStep {
    long id();
  }

  /** Get a lease. */
  record Grant(long id) implements Request {}

  /** Put the registration under the lease. */
  record Register(long id, long lease) implements Request {}

  /** Keep the lease alive. */
  record Renew(long id, long lease) implements Request {}

  /** Nothing before this time. */
  record Rest(long untilNs) implements SessionStep {}

  /** Nothing any more: another process runs as this node, or the store is broken. */
  record End() implements SessionStep {}
}
