package io.tidelog.hot.runtime;

import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Appends on their way to the lane. Any thread offers, the lane polls and says when it wishes to be
 * woken: while it waits for a sync, what comes may as well wait here. Bounded by the bytes of the
 * records in it.
 */
final class AppendMailbox {

  /** Wakes the lane for whatever comes. */
  static final long FOR_ANY = 1;

  /**
   * Wakes it when there is something worth doing while a sync is under way: so many appends, one
   * that need not wait for the sync, or many bytes.
   */
  static final long FOR_MANY = 8;

  static final long NEVER = Long.MAX_VALUE;

  private static final int CHUNK = 1024;

  private final MpscUnboundedArrayQueue<Mail> queue = new MpscUnboundedArrayQueue<>(CHUNK);
  private final AtomicLong waitingBytes = new AtomicLong();

  /** Appends in the queue; one that need not wait for a sync counts as {@link #FOR_MANY}. */
  private final AtomicLong weight = new AtomicLong();

  private final AtomicBoolean isWoken = new AtomicBoolean();
  private final long maxBytes;
  private final long manyBytes;
  private final Runnable wakeUp;
  private volatile long wakeAt = FOR_ANY;

  private record Mail(List<AppendRequest> requests, long sizeBytes, long weight) {}

  /**
   * @param maxBytes above it offers are refused
   * @param manyBytes so much is never left waiting for a sync
   * @param wakeUp posts to the lane
   */
  AppendMailbox(long maxBytes, long manyBytes, Runnable wakeUp) {
    this.maxBytes = maxBytes;
    this.manyBytes = manyBytes;
    this.wakeUp = wakeUp;
  }

  /** Takes the requests, unless too many bytes are waiting. */
  boolean offer(List<AppendRequest> requests) {
    long bytes = 0;
    long weightOfAll = 0;
    for (int i = 0; i < requests.size(); i++) {
      var request = requests.get(i);
      bytes += request.records().remaining();
      weightOfAll += request.acks() == Acks.ALL ? 1 : FOR_MANY;
    }
    long before = waitingBytes.getAndAdd(bytes);
    if (before > 0 && before + bytes > maxBytes) {
      waitingBytes.addAndGet(-bytes);
      return false;
    }
    queue.offer(new Mail(requests, bytes, weightOfAll));
    weight.addAndGet(weightOfAll);
    if (isDue() && isWoken.compareAndSet(false, true)) {
      wakeUp.run();
    }
    return true;
  }

  private boolean isDue() {
    long at = wakeAt;
    return weight.get() >= at || (at != NEVER && waitingBytes.get() >= manyBytes);
  }

  /**
   * Lane: is woken again as soon as so many appends wait.
   *
   * @return whether they do already, and nobody will wake it
   */
  boolean wakeAt(long appends) {
    wakeAt = appends;
    isWoken.set(false);
    return isDue() && isWoken.compareAndSet(false, true);
  }

  /** Lane: the oldest offer, or null. */
  @Nullable List<AppendRequest> poll() {
    var mail = queue.poll();
    if (mail == null) {
      return null;
    }
    waitingBytes.addAndGet(-mail.sizeBytes());
    weight.addAndGet(-mail.weight());
    return mail.requests();
  }

  /** Appends in it; one that need not wait for a sync counts as {@link #FOR_MANY}. */
  long waiting() {
    return weight.get();
  }

  long waitingBytes() {
    return waitingBytes.get();
  }
}
