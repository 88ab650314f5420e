package io.tidelog.gateway.forward;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one client wants done in order: the pieces for one partition, or one group. A machine.
 *
 * <p>It promises that no piece is done after a later one because it was sent again: a piece goes to
 * another node only when no earlier one is under way elsewhere, one that is to be sent again goes
 * before all later ones, and one that a later one has overtaken is not sent again.
 */
final class Line {

  private final @Nullable Object key;

  /** Under way, in order; all at {@link #at}. */
  private final ArrayDeque<Piece> sent = new ArrayDeque<>(2);

  /** To be sent, in order. */
  private final ArrayDeque<Piece> waiting = new ArrayDeque<>(2);

  private @Nullable Route at;

  /** Nothing more is sent until all that is under way has ended. */
  private boolean draining;

  /**
   * @param key null for a line of one piece
   */
  Line(@Nullable Object key) {
    this.key = key;
  }

  @Nullable Object key() {
    return key;
  }

  boolean isEmpty() {
    return sent.isEmpty() && waiting.isEmpty();
  }

  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /** The next to be sent. */
  @Nullable Piece first() {
    return waiting.peek();
  }

  void add(Piece piece) {
    piece.join(this);
    waiting.add(piece);
  }

  /**
   * What is to be sent now, in order, because {@code route} leads; they are under way from here.
   */
  List<Piece> decideSend(@Nullable Route route, long nowNs) {
    var first = waiting.peek();
    if (first == null || route == null || !first.maySend(route, nowNs)) {
      return List.of();
    }
    if (!sent.isEmpty() && (draining || !route.equals(at))) {
      return List.of();
    }
    draining = false;
    at = route;
    var all = List.copyOf(waiting);
    sent.addAll(waiting);
    waiting.clear();
    return all;
  }

  /** Where what is under way was sent to. */
  @Nullable Route at() {
    return at;
  }

  /** It got its answer; gives those that can be sent no more, having been overtaken. */
  List<Piece> onDone(Piece piece) {
    leave(piece);
    List<Piece> overtaken = List.of();
    for (var first = waiting.peek(); first != null; first = waiting.peek()) {
      if (first.number() > piece.number()) {
        break;
      }
      overtaken = overtaken.isEmpty() ? new ArrayList<>() : overtaken;
      overtaken.add(waiting.remove());
    }
    return overtaken;
  }

  /** Whether one before it waits to be sent again. */
  boolean isBehind(Piece piece) {
    var first = waiting.peek();
    return first != null && first.number() < piece.number();
  }

  /** It was not done, or perhaps; it is to be sent again, unless nobody waits for it any more. */
  void onNotDone(Piece piece) {
    leave(piece);
    draining = !sent.isEmpty();
    if (!piece.isOver()) {
      int behind = 0;
      for (var other : waiting) {
        if (other.number() > piece.number()) {
          break;
        }
        behind++;
      }
      insert(piece, behind);
    }
  }

  /** It leaves, and nobody sends it again. */
  void onGivenUp(Piece piece) {
    leave(piece);
  }

  /** True when it was not under way, and left; false when it stays until its answer comes. */
  boolean withdraw(Piece piece) {
    return waiting.remove(piece);
  }

  private void insert(Piece piece, int position) {
    if (position == 0) {
      waiting.addFirst(piece);
      return;
    }
    var all = new ArrayList<>(waiting);
    all.add(position, piece);
    waiting.clear();
    waiting.addAll(all);
  }

  private void leave(Piece piece) {
    if (!sent.remove(piece)) {
      throw new IllegalStateException("a piece ended that was not under way");
    }
  }
}
