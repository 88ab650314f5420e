package io.tidelog.gateway.forward;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one client's connection has asked of other nodes: sends each piece to who leads it, holds
 * what nobody leads, sends again what was not done, and answers a request when all of its pieces
 * are. Bounded by what the connection may have in flight. Belongs to the connection's lane.
 */
public final class ForwardLink implements AutoCloseable {

  private final ForwardLane lane;
  private final Pieces.Sender sender;

  /** Those with order, by their key. */
  private final Map<Object, Line> lines = new HashMap<>();

  private final Set<ForwardTask> tasks = new LinkedHashSet<>();

  /** With pieces that cannot be sent now. */
  private final Set<Line> held = new LinkedHashSet<>();

  /**
   * Lines that nobody led for as long as a request was held: what comes next is not held, lest one
   * of them stops whatever else the client does. At most as many as it has partitions and groups.
   */
  private final Set<Object> givenUp = new HashSet<>();

  /** To be looked at. */
  private Set<Line> dirty = new LinkedHashSet<>();

  private long nextNumber;
  private boolean pumping;
  private boolean closed;

  ForwardLink(ForwardLane lane, Pieces.Sender sender) {
    this.lane = lane;
    this.sender = sender;
  }

  /**
   * Takes on a request; it is answered later or inside this call.
   *
   * @return what to run when the client is perhaps gone: from then on nothing of the request is
   *     sent that is not under way, and nothing a second time. The client may have asked somebody
   *     else since, and what it asked there must not be undone by what it has given up here.
   */
  public Runnable submit(Pieces pieces, long receivedNs) {
    var task = new ForwardTask(pieces, nextNumber++, receivedNs, lane.config());
    if (task.all().isEmpty()) {
      pieces.answer();
      return () -> {};
    }
    tasks.add(task);
    for (var piece : task.all()) {
      var key = pieces.line(piece.index());
      var line = key == null ? new Line(null) : lines.computeIfAbsent(key, Line::new);
      line.add(piece);
      dirty.add(line);
    }
    pump();
    return () -> onClientGone(task);
  }

  /** Whether something of this line is under way, so that what comes next has to wait its turn. */
  public boolean isBusy(Object line) {
    return lines.containsKey(line);
  }

  /** Whether nothing at all is under way. */
  public boolean isIdle() {
    return lines.isEmpty();
  }

  /** A part was answered; {@link Pieces#verdict} tells how. */
  public void onAnswered(List<Piece> pieces) {
    if (closed) {
      return;
    }
    for (var piece : pieces) {
      var line = piece.line();
      dirty.add(line);
      switch (piece.task().pieces().verdict(piece.index())) {
        case FINAL -> onFinal(piece, line);
        case NOT_LED -> onNotDone(piece, line);
        case OUT_OF_ORDER -> {
          if (line.isBehind(piece)) {
            line.onNotDone(piece);
          } else {
            onFinal(piece, line);
          }
        }
      }
    }
    pump();
  }

  /** There will be no answer to a part; see {@link io.tidelog.gateway.wire.PipeReceiver#onLost}. */
  public void onLost(List<Piece> pieces, boolean neverSent) {
    if (closed) {
      return;
    }
    for (var piece : pieces) {
      var line = piece.line();
      dirty.add(line);
      if (neverSent) {
        onNotDone(piece, line);
      } else if (piece.task().pieces().isRepeatable(piece.index())) {
        piece.onLost();
        onNotDone(piece, line);
      } else {
        line.onGivenUp(piece);
        refuse(piece, Pieces.Reason.UNKNOWN);
      }
    }
    pump();
  }

  /** The client is gone. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    lane.remove(this);
    lines.clear();
    held.clear();
    dirty.clear();
    var dropped = List.copyOf(tasks);
    tasks.clear();
    dropped.forEach(task -> task.pieces().drop());
  }

  boolean isWaiting() {
    return !tasks.isEmpty();
  }

  boolean isHolding() {
    return !held.isEmpty();
  }

  /** Perhaps somebody else leads now, or a time has passed. */
  void retry() {
    dirty.addAll(held);
    pump();
  }

  /** Nodes came or went. */
  void onNodes() {
    sender.onNodes(lane.image());
  }

  /** Ends the waiting of those whose time is over. */
  void sweep(long nowNs) {
    Set<Integer> overdue = new HashSet<>();
    for (var task : List.copyOf(tasks)) {
      if (nowNs - task.holdUntilNs() >= 0) {
        onTimeOver(task, nowNs - task.answerUntilNs() >= 0, overdue);
      }
    }
    overdue.forEach(sender::onOverdue);
    pump();
  }

  private void onClientGone(ForwardTask task) {
    if (closed) {
      return;
    }
    task.onClientGone();
    for (var piece : task.all()) {
      if (!piece.isOver() && piece.line().withdraw(piece)) {
        dirty.add(piece.line());
        refuseUnsent(piece);
      }
    }
    pump();
  }

  private void onTimeOver(ForwardTask task, boolean altogether, Set<Integer> overdue) {
    for (var piece : task.all()) {
      if (piece.isOver()) {
        continue;
      }
      var line = piece.line();
      if (line.withdraw(piece)) {
        dirty.add(line);
        if (line.key() != null) {
          givenUp.add(line.key());
        }
        refuseUnsent(piece);
      } else if (altogether) {
        overdue.add(node(piece));
        refuse(piece, Pieces.Reason.UNKNOWN);
      }
    }
  }

  private void refuseWaiting(Line line) {
    for (var piece = line.first(); piece != null; piece = line.first()) {
      line.withdraw(piece);
      refuseUnsent(piece);
    }
  }

  private void onFinal(Piece piece, Line line) {
    var overtaken = line.onDone(piece);
    if (!piece.isOver()) {
      over(piece);
    }
    overtaken.forEach(this::refuseUnsent);
  }

  private void onNotDone(Piece piece, Line line) {
    if (piece.task().isClientGone()) {
      line.onGivenUp(piece);
      refuseUnsent(piece);
      return;
    }
    piece.onFailed(line.at(), lane.clock().monotonicNs(), lane.config());
    line.onNotDone(piece);
  }

  /** It is not under way, and was not done as far as anybody knows. */
  private void refuseUnsent(Piece piece) {
    refuse(piece, piece.isUncertain() ? Pieces.Reason.UNKNOWN : Pieces.Reason.NOT_LED);
  }

  private void refuse(Piece piece, Pieces.Reason reason) {
    if (!piece.isOver()) {
      piece.task().pieces().refuse(piece.index(), reason);
      over(piece);
    }
  }

  private void over(Piece piece) {
    var task = piece.task();
    if (task.onPieceOver(piece)) {
      tasks.remove(task);
      task.pieces().answer();
    }
  }

  /** Sends what can be sent. What is answered meanwhile is looked at before this returns. */
  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (!dirty.isEmpty() && !closed) {
        var ready = takeReady();
        if (!ready.isEmpty()) {
          send(ready);
        }
      }
    } finally {
      pumping = false;
    }
    if (!closed) {
      lane.onState(this);
    }
  }

  private List<Piece> takeReady() {
    var looked = dirty;
    dirty = new LinkedHashSet<>();
    var image = lane.image();
    long nowNs = lane.clock().monotonicNs();
    List<Piece> ready = new ArrayList<>(looked.size());
    for (var line : looked) {
      var first = line.first();
      if (first != null) {
        var route = first.task().pieces().route(first.index(), image);
        if (route == null && givenUp.contains(line.key())) {
          refuseWaiting(line);
        } else {
          givenUp.remove(line.key());
          ready.addAll(line.decideSend(route, nowNs));
        }
      }
      if (line.isWaiting()) {
        held.add(line);
      } else {
        held.remove(line);
      }
      if (line.isEmpty() && line.key() != null) {
        lines.remove(line.key(), line);
      }
    }
    return ready;
  }

  /** One part for each request and node, in the order of the requests. */
  private void send(List<Piece> ready) {
    if (ready.size() == 1) {
      send(ready.getFirst().task(), node(ready.getFirst()), ready);
      return;
    }
    ready.sort(Comparator.comparingLong(Piece::number));
    int from = 0;
    while (from < ready.size() && !closed) {
      var task = ready.get(from).task();
      int to = from;
      Map<Integer, List<Piece>> byNode = new LinkedHashMap<>();
      while (to < ready.size() && ready.get(to).task() == task) {
        byNode.computeIfAbsent(node(ready.get(to)), _ -> new ArrayList<>()).add(ready.get(to));
        to++;
      }
      byNode.forEach((node, pieces) -> send(task, node, pieces));
      from = to;
    }
  }

  private void send(ForwardTask task, int node, List<Piece> pieces) {
    if (closed) {
      return;
    }
    long leftMs = (task.timeOverNs() - lane.clock().monotonicNs()) / 1_000_000;
    sender.send(task.pieces(), node, pieces, Math.clamp(leftMs, 1, Integer.MAX_VALUE));
  }

  private static int node(Piece piece) {
    @Nullable Route at = piece.line().at();
    if (at == null) {
      throw new IllegalStateException("a piece is under way to nobody");
    }
    return at.node();
  }
}
