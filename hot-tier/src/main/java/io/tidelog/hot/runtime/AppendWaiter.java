package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendCompletion;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.hot.view.PartitionView;

/** Answers one append. */
final class AppendWaiter implements CommitWaiter {

  private final AppendCompletion completion;
  private final Acks acks;
  private final PartitionView partition;
  private final long baseOffset;
  private final LogCounters counters;

  AppendWaiter(
      AppendRequest request, PartitionView partition, long baseOffset, LogCounters counters) {
    this.completion = request.completion();
    this.acks = request.acks();
    this.partition = partition;
    this.baseOffset = baseOffset;
    this.counters = counters;
  }

  @Override
  public boolean onWritten() {
    if (acks == Acks.ALL) {
      return false;
    }
    onCommitted();
    return true;
  }

  @Override
  public boolean onNotEnoughReplicas() {
    uncertain(
        Refusal.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        "too few replicas are in sync, the records may or may not survive");
    return true;
  }

  @Override
  public void onCommitted() {
    completion.onCompleted(new AppendResult.Appended(baseOffset, partition.logStartOffset()));
  }

  @Override
  public void onRefused(Fault fault) {
    counters.refused.incrementAndGet();
    completion.onCompleted(
        new AppendResult.Refused(refusalOf(fault), String.valueOf(fault.getMessage())));
  }

  @Override
  public void onUncertain(Fault fault) {
    uncertain(refusalOf(fault), String.valueOf(fault.getMessage()));
  }

  private void uncertain(Refusal refusal, String message) {
    LogCounters.add(counters.uncertain, 1);
    completion.onCompleted(new AppendResult.Uncertain(refusal, message));
  }

  private static Refusal refusalOf(Fault fault) {
    return fault instanceof Fault.Fenced
        ? Refusal.NOT_LEADER_OR_FOLLOWER
        : Refusal.KAFKA_STORAGE_ERROR;
  }
}
