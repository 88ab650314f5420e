package io.tidelog.gateway.fetch;

import java.util.List;

/** A fetch that was begun, wherever its partitions are led. Lives on one event loop. */
public interface FetchUnderWay {

  /** Whether it was answered or cancelled. */
  boolean isDone();

  /** The client is gone: gives everything back and answers nothing. May be called at any time. */
  void cancel();

  /** Told once, on the event loop, unless the fetch is cancelled. */
  @FunctionalInterface
  interface Receiver {
    /**
     * Takes the answers and with them their bytes.
     *
     * @param throttleMs how long the client shall wait before it asks again, 0 for not at all
     */
    void onAnswered(List<PartitionAnswer> answers, int throttleMs);
  }
}
