package io.tidelog.hot.leader;

import io.tidelog.core.Fault;

/** What {@link LogLeader} decides about a change of the log itself. */
public sealed interface ControlDecision {

  /** To be written as one frame. */
  record Write(FrameAt frame) implements ControlDecision {}

  /** Already so, or on its way: it holds when all that was given out so far is committed. */
  record Holds() implements ControlDecision {}

  /** Must not be. */
  record Deny(Fault fault) implements ControlDecision {}
}
