package io.tidelog.hot.move;

import io.tidelog.core.OffsetRange;
import io.tidelog.hot.move.ModelFrame.Cold;
import io.tidelog.hot.move.ModelFrame.Remembered;
import io.tidelog.hot.move.ModelFrame.Sent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A process that leads a model log, or believes that it still does. */
final class ModelLeader {

  private static final int CHUNK = 5;

  static final MoveLimits LIMITS = new MoveLimits(4, 30, 10, 400);

  final int log;
  final long term;
  final MoveSource source;
  final MoveTarget target;

  /** What is committed, as far as it knows. */
  ModelView view;

  /** The same and what it has written since. */
  ModelView written;

  final List<Written> pending = new ArrayList<>();
  final Map<Long, Answer> answers = new HashMap<>();
  int pictureIndex;
  boolean isDeposed;

  /**
   * @param done told when it is committed
   */
  record Written(ModelFrame frame, Runnable done) {}

  /** All that comes with the answer to a request. */
  record Answer(
      SourceAnswer told,
      List<Sent> records,
      List<Cold> cold,
      long logStart,
      Map<Integer, Remembered> producers) {}

  ModelLeader(int log, long term, ModelView view, long firstRequest) {
    this.log = log;
    this.term = term;
    this.view = view;
    this.written = view.copy();
    this.source = new MoveSource(ModelStore.id(log), LIMITS);
    this.target = new MoveTarget(ModelStore.id(log), LIMITS, firstRequest);
  }

  void write(ModelFrame frame, Runnable done) {
    pending.add(new Written(frame, done));
    written.apply(frame);
  }

  void depose() {
    isDeposed = true;
    view = view.copy();
  }

  /** The answer to a target's leader, or null when this one has nothing to say. */
  @Nullable Answer answer(TargetDecision.Ask ask, Mutant mutant) {
    var known = mutant == Mutant.UNCOMMITTED_ANSWERED ? written : view;
    var closing = mutant == Mutant.CLOSE_UNCOMMITTED ? written : known;
    long move = ask.move().epoch();
    boolean isClosed = closing.isClosedFor(move);
    boolean isHere = known.standing instanceof MoveStanding.Open || known.isClosedFor(move);
    if (!isHere) {
      return null;
    }
    if (ask.wantsClose()) {
      source.onCloseAsked(move);
    }
    long end = isClosed ? known.next : SourceAnswer.OPEN;
    if (ask.fromOffset() == TargetDecision.BEGIN) {
      long from = known.coldEnd();
      return answer(ask, false, new OffsetRange(from, from), known, end);
    }
    long firstLocal = known.records.isEmpty() ? known.next : known.records.firstKey();
    if (ask.fromOffset() < firstLocal) {
      return answer(ask, true, new OffsetRange(0, 0), known, end);
    }
    if (ask.fromOffset() > known.next) {
      return null; // it was deposed long ago
    }
    long to = Math.min(known.next, ask.fromOffset() + CHUNK);
    return answer(ask, false, new OffsetRange(ask.fromOffset(), to), known, end);
  }

  private static Answer answer(
      TargetDecision.Ask ask, boolean isGone, OffsetRange offsets, ModelView known, long end) {
    var told =
        new SourceAnswer(
            ask.request(), ask.move().epoch(), isGone, offsets, known.next - offsets.end(), end);
    return new Answer(
        told,
        List.copyOf(known.records.subMap(offsets.start(), offsets.end()).values()),
        List.copyOf(known.cold),
        known.logStart,
        Map.copyOf(known.producers));
  }
}
