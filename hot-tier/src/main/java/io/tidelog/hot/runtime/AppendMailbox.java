package io.tidelog.hot.runtime;

import io.tidelog.core.log.AppendRequest;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Appends on their way to the lane. Any thread offers, the lane polls; the lane is woken once for
 * as many as have come since it last looked. Bounded by the bytes of the records in it.
 */
final class AppendMailbox {

  private static final int CHUNK = 1024;

  private final MpscUnboundedArrayQueue<List<AppendRequest>> queue =
      new MpscUnboundedArrayQueue<>(CHUNK);
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicBoolean isWoken = new AtomicBoolean();
  private final long maxBytes;
  private final Runnable wakeUp;

  /**
   * @param wakeUp posts to the lane
   */
  AppendMailbox(long maxBytes, Runnable wakeUp) {
    this.maxBytes = maxBytes;
    this.wakeUp = wakeUp;
  }

  /** Takes the requests, unless too many bytes are waiting. */
  boolean offer(List<AppendRequest> requests) {
    long bytes = sizeBytes(requests);
    long before = waitingBytes.getAndAdd(bytes);
    if (before > 0 && before + bytes > maxBytes) {
      waitingBytes.addAndGet(-bytes);
      return false;
    }
    queue.offer(requests);
    if (isWoken.compareAndSet(false, true)) {
      wakeUp.run();
    }
    return true;
  }

  /** Lane: what is offered from now on wakes the lane again. */
  void onWoken() {
    isWoken.set(false);
  }

  /** Lane: the oldest offer, or null. */
  @Nullable List<AppendRequest> poll() {
    var requests = queue.poll();
    if (requests != null) {
      waitingBytes.addAndGet(-sizeBytes(requests));
    }
    return requests;
  }

  private static long sizeBytes(List<AppendRequest> requests) {
    long bytes = 0;
    for (int i = 0; i < requests.size(); i++) {
      bytes += requests.get(i).records().remaining();
    }
    return bytes;
  }

  long waitingBytes() {
    return waitingBytes.get();
  }
}
