package io.tidelog.hot.leader;

import io.tidelog.hot.format.Frame;

/** A control frame whose append time is known only when its group is written. */
@FunctionalInterface
public interface FrameAt {

  Frame at(long term, long appendTimeMs);
}
