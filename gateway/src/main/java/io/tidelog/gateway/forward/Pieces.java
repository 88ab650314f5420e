package io.tidelog.gateway.forward;

import io.tidelog.metadata.api.ClusterImage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client's request, taken into pieces that one node each can answer, and the answers as they come
 * in. Pieces are named by their index. One API each; on the client's lane.
 */
public interface Pieces {

  /** Those that nodes have to answer. */
  int count();

  /** Who answers, as the picture shows it, or null when nobody does. */
  @Nullable Route route(int piece, ClusterImage image);

  /**
   * Pieces of one connection with equal lines are done in the order of their requests; null when
   * order does not matter.
   */
  @Nullable Object line(int piece);

  /** Whether it may be sent again when nobody knows whether it was done. */
  boolean isRepeatable(int piece);

  /** How long the client wants to wait, or a negative number when it does not say. */
  int timeoutMs();

  /** How long a node may take beyond the usual because the request asks to wait. */
  int patienceMs();

  /**
   * The answer to a piece, of those a part brought.
   *
   * @return what is to become of it
   */
  Verdict verdict(int piece);

  /** There is no answer for the piece, which is told to its client. */
  void refuse(int piece, Reason reason);

  /** Every piece has an answer or was refused: answers the client. */
  void answer();

  /** The client is gone. */
  void drop();

  /** What a node's answer means. */
  enum Verdict {
    /** It is the client's. */
    FINAL,
    /** Nothing was done, because that node does not lead: to be sent again. */
    NOT_LED,
    /** Nothing was done, because one before it was not: to be sent again behind that one. */
    OUT_OF_ORDER
  }

  /** Why there is no answer. */
  enum Reason {
    /** Nobody led it for as long as the client waits; nothing was done. */
    NOT_LED,
    /** It was sent and may have been done. */
    UNKNOWN
  }

  /** Sends parts of requests to nodes. */
  interface Sender {

    /**
     * Sends these pieces of a request as one to a node, perhaps this one; tells {@link
     * ForwardLink#onAnswered} or {@link ForwardLink#onLost} once, perhaps inside this call.
     *
     * @param timeLeftMs until the client stops waiting, at least 1
     */
    void send(Pieces from, int node, List<Piece> pieces, int timeLeftMs);

    /** A node has not answered in time: what it was sent on this connection is given up. */
    void onOverdue(int node);

    /** Nodes came or went: those that are not there any more answer nothing. */
    void onNodes(ClusterImage image);
  }
}
