package io.tidelog.hot.replica;

import io.tidelog.core.PartitionId;
import io.tidelog.hot.move.MoveSource;
import io.tidelog.hot.move.MoveTarget;
import io.tidelog.hot.move.TargetDecision;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the leader of a log remembers of one partition that moves, in one term: the machines of both
 * halves, of which one is at work, and the answer that comes in. Belongs to the log's lane.
 */
final class MovingPartition {

  private static final long NONE = -1;

  private final PartitionId id;
  private final MoveSource source;
  private final MoveTarget target;

  /** The request whose answer is waited for. */
  private long awaited = NONE;

  /** Whether it was asked where the import begins. */
  private boolean asksForBegin;

  private @Nullable ByteBuffer gathered;
  private @Nullable MoveAnswer answer;

  /** Nothing is decided before. */
  private long pausedUntilNs = Long.MIN_VALUE;

  private boolean isRefreshing;

  /** Asked to be closed, and answered when that is done. */
  private final List<Runnable> whenClosed = new ArrayList<>();

  long begunNs;
  long copiedBytes;
  long closedNs = NONE;

  MovingPartition(PartitionId id, MoveSource source, MoveTarget target) {
    this.id = id;
    this.source = source;
    this.target = target;
  }

  PartitionId id() {
    return id;
  }

  MoveSource source() {
    return source;
  }

  MoveTarget target() {
    return target;
  }

  void onAsked(TargetDecision.Ask ask) {
    awaited = ask.request();
    asksForBegin = ask.fromOffset() == TargetDecision.BEGIN;
    gathered = null;
  }

  /**
   * Takes a part of an answer; gives the whole one when this was the last part.
   *
   * @throws IllegalArgumentException when it is no answer
   */
  @Nullable MoveAnswer onPart(ReplicaMessage.MovePart part) {
    int size = part.bytes().remaining();
    if (part.request() != awaited
        || part.sizeBytes() < 0
        || part.sizeBytes() > MoveAnswer.MAX_BYTES
        || part.position() < 0
        || size > part.sizeBytes() - part.position()) {
      return null;
    }
    var whole = gathered;
    if (part.position() == 0) {
      whole = ByteBuffer.allocate(part.sizeBytes());
      gathered = whole;
    }
    if (whole == null
        || whole.position() != part.position()
        || whole.capacity() != part.sizeBytes()) {
      return null; // a part was lost: all of it is asked for again
    }
    whole.put(part.bytes());
    if (whole.hasRemaining()) {
      return null;
    }
    gathered = null;
    awaited = NONE;
    var decoded = MoveAnswer.decode(whole.flip());
    if (!isSound(decoded)) {
      throw new IllegalArgumentException("not all came that " + decoded.told() + " says");
    }
    return decoded;
  }

  /** Whether with it came what the machine counts on. */
  private boolean isSound(MoveAnswer given) {
    var told = given.told();
    boolean hasHistory = given.history() != null;
    boolean hasState = given.state() != null;
    if (asksForBegin || hasHistory) {
      return asksForBegin && hasHistory;
    }
    boolean isLast = told.endOffset() == told.offsets().end();
    boolean hasRecords = given.records().hasRemaining();
    return told.isGone() || (isLast == hasState && hasRecords != told.offsets().isEmpty());
  }

  /** Keeps an answer that the machine has taken, for the decisions that name it. */
  void keep(MoveAnswer taken) {
    answer = taken;
  }

  /** What came with the answer to a request; the machine names only what it has taken. */
  MoveAnswer answerTo(long request) {
    var kept = answer;
    if (kept == null || kept.told().request() != request) {
      throw new IllegalStateException("no answer to request " + request + " of " + id);
    }
    return kept;
  }

  /** Lets go of an answer that is used; one to a later question may have come since. */
  void forgetUsedAnswer() {
    if (answer != null && !target.needs(answer.told())) {
      answer = null;
    }
  }

  /** Whether one of the machines waits for what it has decided on. */
  boolean isWriting() {
    return source.isWriting() || target.isWriting();
  }

  boolean isPaused(long nowNs) {
    return nowNs < pausedUntilNs;
  }

  void pauseUntil(long ns) {
    pausedUntilNs = ns;
  }

  /** Whether it is to be read anew, which goes on else. */
  boolean beginRefresh() {
    boolean begins = !isRefreshing;
    isRefreshing = true;
    return begins;
  }

  void onRefreshed() {
    isRefreshing = false;
  }

  void whenClosed(Runnable answerThen) {
    whenClosed.clear(); // there is one request at a time
    whenClosed.add(answerThen);
  }

  void tellClosed() {
    var waiting = List.copyOf(whenClosed);
    whenClosed.clear();
    waiting.forEach(Runnable::run);
  }
}
