package io.tidelog.core.log;

import io.tidelog.core.Refusal;

/** How an append ended. */
public sealed interface AppendResult {

  /**
   * The batches are in the log as durably as asked for; also the answer to a duplicate, then with
   * the offset the original got.
   */
  record Appended(long baseOffset, long logStartOffset) implements AppendResult {}

  /** Nothing was written. */
  record Refused(Refusal refusal, String message) implements AppendResult {}

  /** It was written and may or may not survive: a producer retries with the same sequence. */
  record Uncertain(Refusal refusal, String message) implements AppendResult {}
}
