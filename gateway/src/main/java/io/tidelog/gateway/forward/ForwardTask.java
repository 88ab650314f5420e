package io.tidelog.gateway.forward;

import java.util.List;
import java.util.stream.IntStream;

/** One request that other nodes answer, from its coming to its answer. On its client's lane. */
public final class ForwardTask {

  private final Pieces pieces;
  private final long number;
  private final long holdUntilNs;
  private final long timeOverNs;
  private final long answerUntilNs;
  private final List<Piece> all;
  private int open;
  private boolean clientGone;

  ForwardTask(Pieces pieces, long number, long receivedNs, ForwardConfig config) {
    this.pieces = pieces;
    this.number = number;
    int timeoutMs = pieces.timeoutMs();
    int holdMs = timeoutMs < 0 ? config.holdMs() : Math.min(timeoutMs, config.holdMs());
    int answerMs = timeoutMs < 0 ? config.answerTimeoutMs() : timeoutMs;
    this.holdUntilNs = receivedNs + ns(holdMs);
    this.timeOverNs = receivedNs + ns(answerMs);
    this.answerUntilNs = timeOverNs + ns(pieces.patienceMs());
    this.all = IntStream.range(0, pieces.count()).mapToObj(i -> new Piece(this, i)).toList();
    this.open = all.size();
  }

  public Pieces pieces() {
    return pieces;
  }

  long number() {
    return number;
  }

  List<Piece> all() {
    return all;
  }

  /** From here on nothing of it is sent any more. */
  long holdUntilNs() {
    return holdUntilNs;
  }

  /** From here on the client waits no more. */
  long timeOverNs() {
    return timeOverNs;
  }

  /** From here on no answer is waited for. */
  long answerUntilNs() {
    return answerUntilNs;
  }

  void onClientGone() {
    clientGone = true;
  }

  /** Whether nothing of it is sent any more. */
  boolean isClientGone() {
    return clientGone;
  }

  /** A piece has its answer; true when it was the last. */
  boolean onPieceOver(Piece piece) {
    if (!piece.isOver()) {
      piece.end();
      open--;
    }
    return open == 0;
  }

  private static long ns(long ms) {
    return ms * 1_000_000;
  }
}
