package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lane that is a thread of its own: a queue many post to, a heap of timers, and a wait without
 * spinning. What a task throws goes to a handler and does not end the thread.
 */
final class LaneThread implements Lane, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LaneThread.class);
  private static final int CHUNK = 1024;

  private final MpscUnboundedArrayQueue<Runnable> queue = new MpscUnboundedArrayQueue<>(CHUNK);
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(
          Comparator.<Timer>comparingLong(t -> t.deadlineNs).thenComparingLong(t -> t.number));
  private final Clock clock;
  private final Thread thread;
  private final long originNs;
  private volatile Consumer<Throwable> onUncaught;
  private volatile boolean isWaiting;
  private volatile boolean isClosed;
  private long timerCount;

  private static final class Timer implements Runnable {
    final long deadlineNs;
    private long number;
    private volatile @Nullable Runnable task;

    /** Deadlines are counted from the lane's origin, so that they compare without overflow. */
    Timer(long deadlineNs, Runnable task) {
      this.deadlineNs = deadlineNs;
      this.task = task;
    }

    void cancel() {
      task = null;
    }

    boolean isCancelled() {
      return task == null;
    }

    @Override
    public void run() {
      var now = task;
      if (now != null) {
        now.run();
      }
    }
  }

  LaneThread(String name, Clock clock, Consumer<Throwable> onUncaught) {
    this.clock = clock;
    this.originNs = clock.monotonicNs();
    this.onUncaught = onUncaught;
    this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::loop);
  }

  /** Replaces the handler of what tasks throw. */
  void onUncaught(Consumer<Throwable> handler) {
    onUncaught = handler;
  }

  void start() {
    thread.start();
  }

  @Override
  public void execute(Runnable task) {
    queue.offer(task);
    if (isWaiting) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    var timer = new Timer(deadlineNs - originNs, task);
    if (thread.equals(Thread.currentThread())) {
      add(timer);
    } else {
      execute(() -> add(timer));
    }
    return timer::cancel;
  }

  private void add(Timer timer) {
    timer.number = timerCount++;
    timers.add(timer);
  }

  private void loop() {
    while (!isClosed) {
      boolean ran = runQueued();
      ran |= runDueTimers();
      if (!ran) {
        await();
      }
    }
    runQueued();
  }

  private boolean runQueued() {
    boolean ran = false;
    for (int i = 0; i < CHUNK; i++) {
      var task = queue.poll();
      if (task == null) {
        break;
      }
      run(task);
      ran = true;
    }
    return ran;
  }

  private boolean runDueTimers() {
    boolean ran = false;
    while (!timers.isEmpty() && timers.peek().isCancelled()) {
      timers.remove();
    }
    if (timers.isEmpty()) {
      return false;
    }
    long nowNs = clock.monotonicNs() - originNs;
    while (!timers.isEmpty() && timers.peek().deadlineNs <= nowNs) {
      run(timers.remove());
      ran = true;
    }
    return ran;
  }

  /** The outermost catch of the lane: whatever it is, the handler decides and the lane goes on. */
  private void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable failure) {
      var unhandled = BlockingTask.failureOf(() -> onUncaught.accept(failure));
      if (unhandled != null) {
        LOG.error("a lane's task failed, and so did what handles it", unhandled);
      }
    }
  }

  /** Who posts after {@code isWaiting} is set unparks; who posted before is seen in the queue. */
  private void await() {
    isWaiting = true;
    if (queue.isEmpty() && !isClosed) {
      if (timers.isEmpty()) {
        LockSupport.park(this);
      } else {
        long waitNs = timers.peek().deadlineNs - (clock.monotonicNs() - originNs);
        if (waitNs > 0) {
          LockSupport.parkNanos(this, waitNs);
        }
      }
    }
    isWaiting = false;
  }

  /** Ends the thread after what is queued has run; what is posted later never runs. */
  @Override
  public void close() {
    isClosed = true;
    LockSupport.unpark(thread);
  }

  /** Waits for the thread to end. */
  void join() throws InterruptedException {
    thread.join();
  }
}
