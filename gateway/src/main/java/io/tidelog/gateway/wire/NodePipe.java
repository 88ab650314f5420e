package io.tidelog.gateway.wire;

/**
 * A connection from one client's connection to one node, over which requests go and their answers
 * come back in the same order. Belongs to the client's lane; what is sent before it is there waits.
 *
 * <p>It holds no more than the client may have in flight, since whoever sends waits for answers
 * before it reads more from the client.
 */
public interface NodePipe extends AutoCloseable {

  /** Sends; the receiver is told once, later, or inside this call when the pipe is closed. */
  void send(OutgoingRequest request, PipeReceiver receiver);

  boolean isOpen();

  /** Gives up: every receiver that waits is told so, inside this call. May be called twice. */
  @Override
  void close();
}
