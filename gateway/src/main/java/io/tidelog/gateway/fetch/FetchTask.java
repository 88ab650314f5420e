package io.tidelog.gateway.fetch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One fetch: reads its partitions in order within its byte budget and answers when it has enough
 * bytes, when a partition refuses, or when the wait is over, whichever comes first. A slow
 * partition delays no other: its read goes on for the next fetch. Lives on one event loop.
 */
public final class FetchTask implements FetchUnderWay {

  private static final long NS_PER_MS = 1_000_000;

  private final FetchLane home;
  private final FetchLimits limits;
  private final FetchUnderWay.Receiver receiver;
  private final List<PartitionRead> reads;

  private int foundBytes;
  private boolean parked;
  private boolean done;
  private @Nullable Runnable cancelTimer;

  FetchTask(
      FetchLane home,
      List<PartitionFetch> partitions,
      FetchLimits limits,
      FetchUnderWay.Receiver receiver) {
    this.home = home;
    this.limits = limits;
    this.receiver = receiver;
    this.reads = new ArrayList<>(partitions.size());
    for (var partition : partitions) {
      reads.add(new PartitionRead(this, home, partition));
    }
  }

  void start() {
    readStale();
    if (isAnswerable()) {
      answer(0);
    } else {
      park();
    }
  }

  @Override
  public boolean isDone() {
    return done;
  }

  /** Answers with what there is, if it has not answered yet. */
  public void answerNow() {
    if (!done) {
      answer(0);
    }
  }

  @Override
  public void cancel() {
    if (!done) {
      end();
      reads.forEach(PartitionRead::cancel);
    }
  }

  /** Some of the partitions moved. */
  void onWoken() {
    maybeAnswer();
  }

  /** A read that did not end at once has ended. */
  void onReadEnded() {
    maybeAnswer();
  }

  /** Bytes were found, or with a negative number given back. */
  void onFound(int moreBytes) {
    foundBytes += moreBytes;
  }

  boolean hasRoomFor(int sizeBytes) {
    return foundBytes == 0 || sizeBytes <= limits.maxBytes() - foundBytes;
  }

  private void readStale() {
    for (var read : reads) {
      if (read.isStale()) {
        int remaining = Math.min(limits.maxBytes() - foundBytes, home.answers().share());
        read.read(remaining, foundBytes == 0);
      }
    }
  }

  private boolean isAnswerable() {
    boolean pending = false;
    boolean full = foundBytes >= limits.minBytes();
    for (var read : reads) {
      if (read.isUrgent()) {
        return true;
      }
      full |= read.isCutShort();
      pending |= read.isPending();
    }
    if (foundBytes > 0 && full) {
      return true;
    }
    return !pending && (limits.minBytes() == 0 || limits.maxWaitMs() == 0 || reads.isEmpty());
  }

  private void park() {
    if (!home.parked().park(reads)) {
      answer(limits.maxWaitMs());
      return;
    }
    parked = true;
    boolean pending = reads.stream().anyMatch(PartitionRead::isPending);
    long waitMs = pending ? Math.max(limits.maxWaitMs(), home.readGraceMs()) : limits.maxWaitMs();
    cancelTimer =
        home.lane().executeAt(home.clock().monotonicNs() + waitMs * NS_PER_MS, this::onWaitOver);
    reads.forEach(PartitionRead::maybeReleaseBytes);
    // What moved between the read and the parking woke nobody.
    boolean moved = false;
    for (var read : reads) {
      if (read.movedSinceRead()) {
        read.onAdvanced();
        moved = true;
      }
    }
    if (moved) {
      maybeAnswer();
    }
  }

  private void maybeAnswer() {
    if (done || !isWorthReading()) {
      return;
    }
    readStale();
    if (isAnswerable()) {
      answer(0);
    } else {
      reads.forEach(PartitionRead::maybeReleaseBytes);
    }
  }

  /** Whether a read may find enough; spares a fetch with many minimum bytes a read per commit. */
  private boolean isWorthReading() {
    if (limits.minBytes() <= 1) {
      return true;
    }
    long estimate = 0;
    for (var read : reads) {
      if (read.isUrgent()) {
        return true;
      }
      estimate += read.estimatedBytes();
    }
    return estimate >= limits.minBytes();
  }

  private void onWaitOver() {
    if (!done) {
      readStale();
      answer(0);
    }
  }

  private void answer(int throttleMs) {
    end();
    var answers = new ArrayList<PartitionAnswer>(reads.size());
    for (var read : reads) {
      answers.add(read.takeAnswer());
    }
    receiver.onAnswered(answers, throttleMs);
  }

  private void end() {
    done = true;
    if (parked) {
      parked = false;
      home.parked().unpark(reads);
    }
    if (cancelTimer != null) {
      cancelTimer.run();
      cancelTimer = null;
    }
  }
}
