package io.tidelog.hot.segment;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Something that many may hold and that goes away when the last one lets go. The first holder is
 * its owner. Safe from any thread.
 */
abstract class Retained {

  private final AtomicInteger holders = new AtomicInteger(1);

  /** Holds it, unless the last holder has let go; each success needs one {@link #release}. */
  final boolean tryRetain() {
    int now = holders.get();
    while (now > 0) {
      if (holders.compareAndSet(now, now + 1)) {
        return true;
      }
      now = holders.get();
    }
    return false;
  }

  final void release() {
    int left = holders.decrementAndGet();
    if (left == 0) {
      onReleased();
    } else if (left < 0) {
      throw new IllegalStateException("released more often than retained");
    }
  }

  /** Called once, by the thread that let go last, which may be an event loop: must not block. */
  abstract void onReleased();
}
