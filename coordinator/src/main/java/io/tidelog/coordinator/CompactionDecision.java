package io.tidelog.coordinator;

import java.util.List;

/** What {@link CompactionMachine} wants done. */
sealed interface CompactionDecision {

  /** Nothing now. */
  record Rest() implements CompactionDecision {}

  /** Read whole batches from {@code offset}, up to {@code maxBytes} but at least one. */
  record ReadHead(long offset, int maxBytes) implements CompactionDecision {}

  /**
   * Append {@code records}, perhaps none, behind everything else; once they are committed nothing
   * before {@code endOffset} is needed.
   */
  record Move(List<KeyedRecord> records, long endOffset) implements CompactionDecision {}
}
