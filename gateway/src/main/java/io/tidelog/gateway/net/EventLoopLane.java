package io.tidelog.gateway.net;

import io.netty.channel.EventLoop;
import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.util.concurrent.TimeUnit;

/** An event loop as a lane. */
final class EventLoopLane implements Lane {

  private final EventLoop eventLoop;
  private final Clock clock;

  EventLoopLane(EventLoop eventLoop, Clock clock) {
    this.eventLoop = eventLoop;
    this.clock = clock;
  }

  @Override
  public void execute(Runnable task) {
    eventLoop.execute(task);
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    long delayNs = Math.max(0, deadlineNs - clock.monotonicNs());
    var scheduled = eventLoop.schedule(task, delayNs, TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }
}
