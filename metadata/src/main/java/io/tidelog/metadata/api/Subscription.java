package io.tidelog.metadata.api;

/** What a listener has begun by asking to be told. */
public interface Subscription {

  /** The listener is told nothing more, but for what is under way. May be called twice. */
  void end();
}
