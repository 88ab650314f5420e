package io.tidelog.gateway.wire;

import io.tidelog.core.Lane;

/**
 * A received frame's place in the order of answers, which keeps the frame's memory until one of the
 * three answering methods is called, once, on {@link #lane}.
 */
public interface ReplySlot {

  Lane lane();

  /** Whether the caller is on {@link #lane}. */
  boolean inLane();

  boolean isOpen();

  int sizeBytes();

  long receivedNs();

  /** Runs {@code task} if the connection closes before the answer; one task at most. */
  void onClosed(Runnable task);

  /** As {@link ClientRequest#keepMemory}. */
  Runnable keepMemory();

  /**
   * Answers with a response, when its turn has come.
   *
   * @throws RuntimeException when it cannot be encoded; then nothing is answered yet
   */
  void send(ResponseEncoder response);

  /** Answers with no bytes. */
  void sendNothing();

  /** Answers with no bytes and closes the connection after the answers before it. */
  void disconnect(String reason);
}
