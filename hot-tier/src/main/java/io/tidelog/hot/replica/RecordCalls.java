package io.tidelog.hot.replica;

import io.tidelog.metadata.api.LogRecord;
import java.util.function.Consumer;

/**
 * Asks the registry for a log's record when nobody waits for an answer: not more often than after
 * the time for a retry. Belongs to the log's lane.
 */
final class RecordCalls {

  private final long retryNs;
  private final Consumer<ReplicaEffect> effects;
  private long nextNs;

  RecordCalls(long retryNs, Consumer<ReplicaEffect> effects) {
    this.retryNs = retryNs;
    this.effects = effects;
  }

  void maybeRead(long nowNs) {
    maybeCall(new ReplicaEffect.ReadRecord(), nowNs);
  }

  /** Writes the record again as it is, which moves its revision. */
  void maybeRewrite(LogRecord at, long nowNs) {
    maybeCall(new ReplicaEffect.Propose(at), nowNs);
  }

  private void maybeCall(ReplicaEffect call, long nowNs) {
    if (nowNs >= nextNs) {
      nextNs = nowNs + retryNs;
      effects.accept(call);
    }
  }
}
