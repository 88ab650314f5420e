package io.tidelog.hot.leader;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Refusal;
import java.util.List;

/** What {@link LogLeader} decides about an append. */
public sealed interface AppendDecision {

  /**
   * To be written; its offsets are given out, and stamped in the batches.
   *
   * @param batches headers with the offsets given out
   */
  record Accept(int partitionRef, List<BatchHeader> batches) implements AppendDecision {
    public long baseOffset() {
      return batches.getFirst().baseOffset();
    }
  }

  /**
   * It was accepted before.
   *
   * @param committed else the answer waits until all that was given out so far is committed
   */
  record Duplicate(long baseOffset, boolean committed) implements AppendDecision {}

  /** Nothing is written. */
  record Reject(Refusal refusal, String message) implements AppendDecision {}
}
