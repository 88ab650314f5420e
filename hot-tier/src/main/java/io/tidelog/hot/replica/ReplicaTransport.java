package io.tidelog.hot.replica;

import io.tidelog.core.LogId;
import io.tidelog.core.log.RecordBytes;
import java.nio.ByteBuffer;

/**
 * Carries {@link ReplicaMessage}s between nodes. What it takes may be lost when a connection ends,
 * and is delivered at most once and in order otherwise. Any thread may call it.
 */
public interface ReplicaTransport {

  /**
   * Sends a message of the log to a node, or drops it when the node cannot be reached, or does not
   * know such messages yet. The node may be this one.
   *
   * @param message taken with the buffers in it, which nobody changes any more
   */
  void send(LogId log, int nodeId, ReplicaMessage message);

  /**
   * As {@link #send} of an {@link ReplicaMessage.Append} whose bytes are {@code groups}, without a
   * copy where they allow it.
   *
   * @param append with no groups of its own
   * @param groups taken: closed when they were sent or dropped
   */
  void send(LogId log, int nodeId, ReplicaMessage.Append append, RecordBytes groups);

  /**
   * Gives back the groups of an {@link ReplicaMessage.Append} that was received, the very buffer,
   * once, when nobody reads them any more: their memory is used again. What is not given back is
   * collected.
   */
  default void giveBack(ByteBuffer groups) {}

  /** Hears what comes for one log. Called on any thread; only posts to the log's lane. */
  interface Listener {

    /**
     * @param message buffers in it are the receiver's, which may {@link ReplicaTransport#giveBack}
     *     the groups of an append
     */
    void onMessage(int fromNodeId, ReplicaMessage message);

    /** A connection to or from the node has ended; what was under way may be lost. */
    void onDisconnected(int nodeId);
  }

  /** Who hears what comes for the log, until {@link #forget}. */
  void listen(LogId log, Listener listener);

  /** Ends what was begun by {@link #listen}. */
  void forget(LogId log);

  /** To nowhere, for a node by itself. */
  ReplicaTransport NONE =
      new ReplicaTransport() {
        @Override
        public void send(LogId log, int nodeId, ReplicaMessage message) {
          // There is nobody.
        }

        @Override
        public void send(LogId log, int nodeId, ReplicaMessage.Append append, RecordBytes groups) {
          groups.close();
        }

        @Override
        public void listen(LogId log, Listener listener) {
          // Nothing ever comes.
        }

        @Override
        public void forget(LogId log) {
          // Nothing ever comes.
        }
      };
}
