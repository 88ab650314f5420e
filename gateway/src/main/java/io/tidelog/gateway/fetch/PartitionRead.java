package io.tidelog.gateway.fetch;

import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a fetch under way: what was found so far, or the read that is still looking.
 * Owned by its {@link FetchTask}, on the event loop.
 */
final class PartitionRead implements SlowRead.Taker {

  private final FetchTask task;
  private final FetchLane home;
  private final PartitionFetch ask;
  private final @Nullable PartitionId partition;

  private @Nullable PartitionAnswer answer;
  private @Nullable SlowRead pending;

  /** What is known is not what would be read now. */
  private boolean stale = true;

  /** Bytes that were found and given back, to be read again for the answer. */
  private int seenBytes;

  private long seenTotalBytes;
  private boolean heldWhileWaiting;

  /** Neighbours among those that wait for the same partition. */
  private @Nullable PartitionRead newerWaiter;

  private @Nullable PartitionRead olderWaiter;

  PartitionRead(FetchTask task, FetchLane home, PartitionFetch ask) {
    this.task = task;
    this.home = home;
    this.ask = ask;
    this.partition = home.directory().find(ask.key());
  }

  FetchTask task() {
    return task;
  }

  @Nullable PartitionId partition() {
    return partition;
  }

  @Nullable PartitionRead newerWaiter() {
    return newerWaiter;
  }

  @Nullable PartitionRead olderWaiter() {
    return olderWaiter;
  }

  /** Waits as the last one, before {@code older}. */
  void waitBefore(@Nullable PartitionRead older) {
    olderWaiter = older;
    if (older != null) {
      older.newerWaiter = this;
    }
  }

  void waitNoMore() {
    if (newerWaiter != null) {
      newerWaiter.olderWaiter = olderWaiter;
    }
    if (olderWaiter != null) {
      olderWaiter.newerWaiter = newerWaiter;
    }
    newerWaiter = null;
    olderWaiter = null;
  }

  boolean isStale() {
    return stale;
  }

  boolean isPending() {
    return pending != null;
  }

  /** Looks what there is to read, and reads it if it may take {@code remaining} bytes. */
  void read(int remaining, boolean nothingFoundYet) {
    stale = false;
    seenBytes = 0;
    if (pending != null) {
      return;
    }
    var at = partition == null ? null : home.log().snapshot(partition);
    if (partition == null || at == null) {
      set(PartitionAnswer.refused(ask.key(), home.directory().explain(ask.key())));
      return;
    }
    var known = answerWithoutReading(partition, at);
    if (known != null) {
      set(known);
    } else if (remaining <= 0 && !nothingFoundYet) {
      set(PartitionAnswer.empty(ask.key(), at));
    } else {
      read(partition, Math.clamp(remaining, 0, ask.maxBytes()), nothingFoundYet);
    }
  }

  /** The partition moved: what was found before counts no more. */
  void onAdvanced() {
    stale |= pending == null && !foundBytes();
  }

  /** Whether the partition moved since it was looked at; to be asked once the fetch is parked. */
  boolean movedSinceRead() {
    if (partition == null || answer == null || answer.at() == null || foundBytes()) {
      return false;
    }
    var now = home.log().snapshot(partition);
    return now == null || now.visibleEndOffset() != answer.at().visibleEndOffset();
  }

  int foundSizeBytes() {
    return answer == null ? 0 : answer.bytes().sizeBytes();
  }

  /** Whether there was something to read that the budget had no room for. */
  boolean isCutShort() {
    return answer != null
        && answer.at() != null
        && !foundBytes()
        && !stale
        && ask.fetchOffset() < answer.at().visibleEndOffset();
  }

  boolean isUrgent() {
    return answer != null && answer.isUrgent();
  }

  /**
   * About how many bytes a read would find now; too low after a trim, and then the longest wait
   * ends the waiting.
   */
  long estimatedBytes() {
    if (!stale) {
      return foundSizeBytes();
    }
    var at = partition == null ? null : home.log().snapshot(partition);
    if (at == null || at.config().delayMs() > 0 || answer == null || answer.at() == null) {
      return ask.maxBytes(); // only a read can tell
    }
    long before = seenBytes > 0 ? seenTotalBytes : answer.at().totalBytes();
    return Math.min(ask.maxBytes(), seenBytes + Math.max(0, at.totalBytes() - before));
  }

  /**
   * Gives back bytes that are cheap to read again, so that nobody who waits keeps memory of the
   * log's tail from being used again.
   */
  void maybeReleaseBytes() {
    if (answer != null && answer.at() != null && foundBytes() && !heldWhileWaiting) {
      seenBytes = foundSizeBytes();
      seenTotalBytes = answer.at().totalBytes();
      answer.bytes().close();
      set(PartitionAnswer.empty(ask.key(), answer.at()));
      stale = true;
    }
  }

  /** Gives the answer and its bytes; a read that is still looking looks on for the next fetch. */
  PartitionAnswer takeAnswer() {
    if (pending != null) {
      home.lateReads().adopt(endPending(pending));
    }
    if (answer != null) {
      return answer;
    }
    var at = partition == null ? null : home.log().snapshot(partition);
    return at == null
        ? PartitionAnswer.refused(ask.key(), home.directory().explain(ask.key()))
        : PartitionAnswer.empty(ask.key(), at);
  }

  void cancel() {
    if (pending != null) {
      endPending(pending).abandon();
    }
    if (answer != null) {
      answer.bytes().close();
      answer = null;
    }
  }

  @Override
  public void onRead(SlowRead read) {
    heldWhileWaiting = true;
    accept(endPending(read));
    task.onReadEnded();
  }

  private void read(PartitionId from, int maxBytes, boolean nothingFoundYet) {
    var read = home.lateReads().take(from, ask.fetchOffset());
    heldWhileWaiting = read != null;
    if (read == null) {
      read =
          home.startRead(
              new ReadRequest(
                  from,
                  ask.fetchOffset(),
                  maxBytes,
                  nothingFoundYet,
                  ReadRequest.UpTo.VISIBLE_END));
    }
    if (read.result() == null) {
      pending = read;
      home.answers().reserve(read.request().maxBytes());
      read.setTaker(this);
    } else {
      accept(read);
    }
  }

  private SlowRead endPending(SlowRead read) {
    pending = null;
    home.answers().release(read.request().maxBytes());
    return read;
  }

  private void set(PartitionAnswer found) {
    task.onFound(found.bytes().sizeBytes() - foundSizeBytes());
    answer = found;
  }

  private void accept(SlowRead read) {
    var result = read.result();
    if (result == null) {
      throw new IllegalStateException("a read ended without a result");
    }
    var key = ask.key();
    set(
        switch (result) {
          case ReadResult.Records(var at, var bytes) when task.hasRoomFor(bytes.sizeBytes()) ->
              PartitionAnswer.records(key, at, home.answers().counted(bytes));
          case ReadResult.Records(var at, _) -> {
            home.lateReads().adopt(read);
            yield PartitionAnswer.empty(key, at);
          }
          case ReadResult.OutOfRange(var at) ->
              isWithinLog(at)
                  ? PartitionAnswer.empty(key, at)
                  : PartitionAnswer.refused(key, Refusal.OFFSET_OUT_OF_RANGE);
          case ReadResult.UnknownPartition() ->
              PartitionAnswer.refused(key, home.directory().explain(key));
          case ReadResult.Failed(var fault) -> PartitionAnswer.refused(key, refusal(fault));
          case ReadResult.Cold(var at, var references) -> PartitionAnswer.cold(key, at, references);
        });
  }

  private @Nullable PartitionAnswer answerWithoutReading(PartitionId id, PartitionSnapshot at) {
    var key = ask.key();
    var stalled = LeaderEpochs.check(ask.currentLeaderEpoch(), at);
    if (stalled != null) {
      return PartitionAnswer.refused(key, stalled);
    }
    if (!isWithinLog(at)) {
      return PartitionAnswer.refused(key, Refusal.OFFSET_OUT_OF_RANGE);
    }
    if (ask.lastFetchedEpoch() != PartitionFetch.NO_EPOCH) {
      var end = home.log().endOfEpoch(id, ask.lastFetchedEpoch());
      if (end.equals(EpochEnd.NONE)) {
        return PartitionAnswer.refused(key, Refusal.OFFSET_OUT_OF_RANGE);
      }
      if (end.leaderEpoch() < ask.lastFetchedEpoch() || end.endOffset() < ask.fetchOffset()) {
        return PartitionAnswer.diverging(key, at, end);
      }
    }
    return ask.fetchOffset() >= at.visibleEndOffset() ? PartitionAnswer.empty(key, at) : null;
  }

  /** Between the visible end and the log end there is nothing yet, which is no error. */
  private boolean isWithinLog(PartitionSnapshot at) {
    return at.logStartOffset() <= ask.fetchOffset() && ask.fetchOffset() <= at.logEndOffset();
  }

  private boolean foundBytes() {
    return foundSizeBytes() > 0;
  }

  private static Refusal refusal(Fault fault) {
    return switch (fault) {
      case Fault.Refused refused -> refused.refusal();
      case Fault.Fenced _ -> Refusal.NOT_LEADER_OR_FOLLOWER;
      case Fault.Retriable _, Fault.Uncertain _, Fault.Broken _ -> Refusal.KAFKA_STORAGE_ERROR;
    };
  }
}
