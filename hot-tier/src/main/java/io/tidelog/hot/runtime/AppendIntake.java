package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.hot.leader.AdmissionPlanner;
import io.tidelog.hot.leader.CommitDelay;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Lets appends from the mailbox into the pipeline: at once when nothing is under way, else all
 * together when the sync has ended, or a little later when more of them are about to come; slowly,
 * or not at all, when the cold tier is behind. {@link #append} is for any thread, the rest belongs
 * to the log's lane.
 */
final class AppendIntake {

  private static final long NANOS_PER_MS = 1_000_000;

  /** Offers decided about before the lane does something else. */
  private static final int MAX_MAIL = 256;

  private final Lane lane;
  private final Clock clock;
  private final HotTierConfig config;
  private final CommitPipeline pipeline;
  private final LogCounters counters;
  private final LongSupplier offloadLagBytes;
  private final AppendMailbox mailbox;
  private final CommitDelay delay;
  private Runnable cancelDelay = () -> {};
  private boolean isDelayed;
  private boolean isPaused;
  private boolean isHeld;
  private boolean isClosed;

  AppendIntake(
      Lane lane,
      Clock clock,
      HotTierConfig config,
      CommitPipeline pipeline,
      LogCounters counters,
      LongSupplier offloadLagBytes) {
    this.lane = lane;
    this.clock = clock;
    this.config = config;
    this.pipeline = pipeline;
    this.counters = counters;
    this.offloadLagBytes = offloadLagBytes;
    this.mailbox =
        new AppendMailbox(
            config.limits().mailboxBytes(),
            CommitPipeline.EAGER_BYTES,
            () -> lane.execute(this::onMail));
    this.delay = new CommitDelay(config.timing().maxCommitDelayNs());
  }

  /** Any thread. */
  void append(List<AppendRequest> requests) {
    if (!mailbox.offer(requests)) {
      counters.refused.addAndGet(requests.size());
      for (var request : requests) {
        request
            .completion()
            .onCompleted(
                new AppendResult.Refused(
                    Refusal.NOT_ENOUGH_REPLICAS,
                    "too many bytes are waiting for the log, nothing was written"));
      }
    }
  }

  /** The mailbox has woken the lane: now, or a little later when the cold tier is behind. */
  private void onMail() {
    endDelay(true);
    long pauseMs = AdmissionPlanner.pauseMs(offloadLagBytes.getAsLong(), config.admission());
    if (pauseMs == 0) {
      drain();
    } else if (!isPaused) {
      isPaused = true;
      var unused =
          lane.executeAt(
              clock.monotonicNs() + pauseMs * NANOS_PER_MS,
              () -> {
                isPaused = false;
                drain();
              });
    }
  }

  /** A sync has ended, well or not: the lane may go on with what it left waiting. */
  void onSyncEnded(long syncNs, int answered) {
    endDelay(false);
    delay.onSynced(syncNs);
    long waitNs =
        isClosed || isPaused || isHeld || !pipeline.isEmpty()
            ? 0
            : delay.delayNs(answered, mailbox.waiting());
    if (waitNs == 0 || mailbox.wakeAt(answered + mailbox.waiting())) {
      drain();
    } else {
      isDelayed = true;
      cancelDelay = lane.executeAt(clock.monotonicNs() + waitNs, this::onDelayOver);
    }
  }

  private void onDelayOver() {
    endDelay(false);
    drain();
  }

  private void endDelay(boolean isComplete) {
    if (isDelayed) {
      isDelayed = false;
      cancelDelay.run();
      delay.onEnded(isComplete);
    }
  }

  /** Takes what waits, as much as may be under way. */
  void drain() {
    if ((isPaused || isHeld) && !isClosed) {
      pipeline.flush();
      return;
    }
    for (int taken = 0; !isSaturated(); taken++) {
      if (taken == MAX_MAIL) {
        // Others on the lane get their turn first.
        lane.execute(this::drain);
        pipeline.flush();
        return;
      }
      var requests = mailbox.poll();
      if (requests == null) {
        break;
      }
      requests.forEach(this::decide);
    }
    pipeline.flush();
    rest();
  }

  private void rest() {
    long appends = AppendMailbox.FOR_ANY;
    if (isSaturated()) {
      appends = AppendMailbox.NEVER;
    } else if (pipeline.isSyncAwaited()) {
      appends = AppendMailbox.FOR_MANY;
    }
    if (mailbox.wakeAt(appends)) {
      lane.execute(this::drain);
    }
  }

  private boolean isSaturated() {
    return pipeline.isSaturated(config.limits().unsyncedBytes());
  }

  private void decide(AppendRequest request) {
    if (isClosed) {
      pipeline.refuse(request, Refusal.NOT_LEADER_OR_FOLLOWER, "the log is closed");
    } else if (AdmissionPlanner.isRefused(offloadLagBytes.getAsLong(), config.admission())) {
      pipeline.refuse(
          request,
          Refusal.NOT_ENOUGH_REPLICAS,
          "too much is waiting to be offloaded, nothing was written");
    } else {
      pipeline.append(request);
    }
  }

  /** Lets nothing in, or again what waits. */
  void hold(boolean held) {
    isHeld = held;
    if (!held) {
      drain();
    }
  }

  /** Refuses what waits and what comes. */
  void close() {
    isClosed = true;
    endDelay(false);
    drain();
  }

  long waitingBytes() {
    return mailbox.waitingBytes();
  }
}
