package io.tidelog.hot.view;

import io.tidelog.core.Refusal;

/** What a producer's sequence number says about a batch. */
public sealed interface SequenceCheck {

  /** It is the next one. */
  record Next() implements SequenceCheck {}

  /** It was appended before, at {@code baseOffset}. */
  record Duplicate(long baseOffset) implements SequenceCheck {}

  /** It must not be appended. */
  record Refused(Refusal refusal, String message) implements SequenceCheck {}
}
