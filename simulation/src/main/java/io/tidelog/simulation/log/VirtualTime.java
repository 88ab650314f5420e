package io.tidelog.simulation.log;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Executor;

/** Time that moves from event to event, and lanes whose tasks are its events. */
public final class VirtualTime implements Clock {

  /** What wall clocks show when a run begins. */
  public static final long EPOCH_MS = 1_700_000_000_000L;

  private static final long NANOS_PER_MS = 1_000_000;

  private final Random random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::timeNs).thenComparing(Event::number));
  private long nowNs;
  private long wallStepMs;
  private long latestWallMs;
  private long scheduled;
  private long trace;

  private record Event(long timeNs, long number, Life life, Runnable task) {}

  /** One life of the process; what a dead one left behind never runs. */
  public static final class Life {
    public boolean isOver;

    /** Stopped until then: nothing of it runs, while all clocks go on. */
    public long pausedUntilNs;
  }

  public VirtualTime(long seed) {
    this.random = new Random(seed);
  }

  @Override
  public long wallMs() {
    return EPOCH_MS + elapsedMs() + wallStepMs;
  }

  /** The latest the wall clock ever showed. */
  long latestWallMs() {
    latestWallMs = Math.max(latestWallMs, wallMs());
    return latestWallMs;
  }

  /** Somebody sets the wall clock, forward or back. */
  void stepWall(long ms) {
    latestWallMs();
    wallStepMs += ms;
  }

  /** Since the run began, whatever the wall clock shows. */
  public long elapsedMs() {
    return nowNs / NANOS_PER_MS;
  }

  @Override
  public long monotonicNs() {
    return nowNs;
  }

  /** A hash of everything that ran and when; equal for equal seeds. */
  public long trace() {
    return trace;
  }

  public void at(long timeNs, Life life, Runnable task) {
    events.add(new Event(Math.max(nowNs, timeNs), scheduled++, life, task));
  }

  public void afterMs(long delayMs, Life life, Runnable task) {
    at(nowNs + delayMs * NANOS_PER_MS, life, task);
  }

  /** Runs the next event; false when there is none. */
  public boolean step() {
    var event = events.poll();
    if (event == null) {
      return false;
    }
    nowNs = event.timeNs();
    if (nowNs < event.life().pausedUntilNs && !event.life().isOver) {
      // The same number: what waits keeps its order.
      events.add(new Event(event.life().pausedUntilNs, event.number(), event.life(), event.task()));
      return true;
    }
    if (!event.life().isOver) {
      trace = trace * 31 + event.number() * 7 + nowNs;
      event.task().run();
    }
    return true;
  }

  /** A lane of a life: first in, first out, each task up to {@code jitterNs} after the last. */
  public Lane lane(Life life, long jitterNs) {
    return new VirtualLane(life, jitterNs);
  }

  /** Tasks overtake one another, as those of several threads. */
  public Executor threads(Life life, long jitterNs) {
    return task -> at(nowNs + random.nextLong(jitterNs), life, task);
  }

  private final class VirtualLane implements Lane {

    private final Life life;
    private final long jitterNs;
    private long lastNs;

    VirtualLane(Life life, long jitterNs) {
      this.life = life;
      this.jitterNs = jitterNs;
    }

    @Override
    public void execute(Runnable task) {
      lastNs = Math.max(lastNs, nowNs + random.nextLong(jitterNs));
      at(lastNs, life, task);
    }

    @Override
    public Runnable executeAt(long deadlineNs, Runnable task) {
      var cancelled = new boolean[1];
      at(
          deadlineNs,
          life,
          () -> {
            if (!cancelled[0]) {
              task.run();
            }
          });
      return () -> cancelled[0] = true;
    }
  }
}
