package io.tidelog.metadata.api;

import java.util.concurrent.CompletionStage;

/** Gives out producer ids. */
public interface ProducerIds {

  /** An id that was never given out before, by any process on this store; from any thread. */
  CompletionStage<Long> next();
}
