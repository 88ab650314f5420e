package io.tidelog.gateway.wire;

/** Takes the answer to one request, on the lane of the pipe. */
public interface PipeReceiver {

  /** Borrows the answer; see {@link PipeAnswer#keepMemory}. */
  void onAnswer(PipeAnswer answer);

  /**
   * There will be no answer.
   *
   * @param neverSent nothing of it has left; else nobody knows whether it was done
   */
  void onLost(boolean neverSent);
}
