package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lane, and the executor of its syncs, on two threads that take turns. The one that holds the
 * lane runs its tasks; when they ask for a sync, it lets go of the lane, waits for the disk itself,
 * and takes the lane again to tell what became of it. The other one stands in meanwhile, if there
 * is something to run. So a group is decided, written, synced and answered without waking another
 * thread, and a slow disk does not hold up the lane.
 *
 * <p>Tasks run one after the other in the order of posting, syncs likewise. What a task throws goes
 * to a handler and ends nothing. Every wake-up follows from two rules: who posts looks afterwards
 * whether somebody holds the lane, and who lets go of the lane looks afterwards for what there is
 * to do.
 */
final class LaneThreads implements Lane, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LaneThreads.class);
  private static final int CHUNK = 1024;

  /** A thread that is not parked watches no deadline. */
  private static final long AWAKE = Long.MIN_VALUE;

  private final MpscUnboundedArrayQueue<Runnable> queue = new MpscUnboundedArrayQueue<>(CHUNK);
  private final Clock clock;
  private final long originNs;
  private final Turn first;
  private final Turn second;
  private volatile Consumer<Throwable> onUncaught;
  private volatile boolean isClosed;

  /** Whether somebody holds the lane, and with it the fields below. */
  private final AtomicBoolean isTaken = new AtomicBoolean();

  private final LaneTimers timers = new LaneTimers();
  private final ArrayDeque<Runnable> wantedSyncs = new ArrayDeque<>();

  /** Written by who holds the lane, read by any thread. */
  private volatile @Nullable Turn owner;

  private volatile @Nullable Turn syncing;

  /** Held the lane last: to be woken first. */
  private volatile Turn last;

  private volatile long nextDeadlineNs = LaneTimers.NEVER;
  private volatile boolean isSyncWanted;

  /** One of the two threads. */
  private final class Turn {
    private final Thread thread;

    /** Until when it is parked. */
    private volatile long parkedUntilNs = AWAKE;

    Turn(String name) {
      thread = Thread.ofPlatform().name(name).daemon(true).unstarted(() -> loop(this));
    }
  }

  LaneThreads(String name, Clock clock, Consumer<Throwable> onUncaught) {
    this.clock = clock;
    this.originNs = clock.monotonicNs();
    this.onUncaught = onUncaught;
    this.first = new Turn(name + "-0");
    this.second = new Turn(name + "-1");
    this.last = first;
  }

  /** Replaces the handler of what tasks throw. */
  void onUncaught(Consumer<Throwable> handler) {
    onUncaught = handler;
  }

  void start() {
    first.thread.start();
    second.thread.start();
  }

  @Override
  public void execute(Runnable task) {
    queue.offer(task);
    if (!isTaken.get()) {
      wakeOne();
    }
  }

  /** Who syncs looks at the queue itself when it has ended. */
  private void wakeOne() {
    var busy = syncing;
    if (busy == null) {
      LockSupport.unpark(last.thread);
    } else if (!busy.thread.equals(Thread.currentThread())) {
      LockSupport.unpark(other(busy).thread);
    }
  }

  private Turn other(Turn turn) {
    return turn == first ? second : first;
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    var timer = new LaneTimers.Timer(deadlineNs - originNs, task);
    var holder = owner;
    if (holder != null && holder.thread.equals(Thread.currentThread())) {
      timers.add(timer);
    } else {
      execute(() -> timers.add(timer));
    }
    return timer::cancel;
  }

  /** Runs what may wait for the disk: beside the lane, one at a time. Used by the lane's tasks. */
  Executor syncs() {
    return wantedSyncs::add;
  }

  private void loop(Turn me) {
    while (!isClosed) {
      if (isTaken.compareAndSet(false, true)) {
        var sync = runTasks(me);
        if (sync != null) {
          sync(me, sync);
        } else if (!hasWork()) {
          await(me);
        }
      } else {
        await(me);
      }
    }
    if (isTaken.compareAndSet(false, true)) {
      runTasks(me);
    }
  }

  /**
   * Holds the lane until there is nothing to run; gives the sync that the thread is to run next.
   */
  private @Nullable Runnable runTasks(Turn me) {
    owner = me;
    boolean ran;
    do {
      ran = runQueued();
      ran |= runDueTimers();
    } while (ran && wantedSyncs.isEmpty());
    var sync = syncing == null ? wantedSyncs.poll() : null;
    if (sync != null) {
      syncing = me;
    }
    isSyncWanted = !wantedSyncs.isEmpty();
    nextDeadlineNs = timers.nextDeadlineNs();
    last = me;
    owner = null;
    isTaken.set(false);
    return sync;
  }

  private boolean hasWork() {
    return !queue.isEmpty() || (isSyncWanted && syncing == null);
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
    if (timers.nextDeadlineNs() == LaneTimers.NEVER) {
      return false;
    }
    boolean ran = false;
    long nowNs = nowNs();
    for (var timer = timers.poll(nowNs); timer != null; timer = timers.poll(nowNs)) {
      run(timer);
      ran = true;
    }
    return ran;
  }

  /** The other thread stands in when there is something to run, now or at the next deadline. */
  private void sync(Turn me, Runnable sync) {
    var standIn = other(me);
    if (!queue.isEmpty() || standIn.parkedUntilNs > nextDeadlineNs) {
      LockSupport.unpark(standIn.thread);
    }
    run(sync);
    syncing = null;
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

  /** Who held the lane last watches its timers; the other one only while that one syncs. */
  private void await(Turn me) {
    boolean watches = syncing == null ? last == me : syncing != me;
    long untilNs = watches ? nextDeadlineNs : LaneTimers.NEVER;
    me.parkedUntilNs = untilNs;
    if (!mustGoOn(me, untilNs)) {
      if (untilNs == LaneTimers.NEVER) {
        LockSupport.park(this);
      } else {
        long waitNs = untilNs - nowNs();
        if (waitNs > 0) {
          LockSupport.parkNanos(this, waitNs);
        }
      }
    }
    me.parkedUntilNs = AWAKE;
  }

  /** Whether something changed while the thread made up its mind to wait. */
  private boolean mustGoOn(Turn me, long untilNs) {
    if (isClosed) {
      return true;
    }
    if (isTaken.get()) {
      return false;
    }
    boolean inCharge = syncing == null ? last == me : syncing != me;
    return hasWork() || (inCharge && nextDeadlineNs < untilNs);
  }

  private long nowNs() {
    return clock.monotonicNs() - originNs;
  }

  /** Ends the threads after what is queued has run; what is posted later never runs. */
  @Override
  public void close() {
    isClosed = true;
    LockSupport.unpark(first.thread);
    LockSupport.unpark(second.thread);
  }

  /** Waits for the threads to end. */
  void join() throws InterruptedException {
    for (var turn : List.of(first, second)) {
      turn.thread.join();
    }
  }
}
