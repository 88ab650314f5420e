package io.tidelog.hot.leader;

import io.tidelog.core.Fault;
import java.nio.ByteBuffer;

/** What {@link LogLeader} decides about a change of the log itself. */
public sealed interface ControlDecision {

  /** To be written as one frame. */
  record Write(FrameAt frame) implements ControlDecision {}

  /** Records of a partition that comes from another log are to be written, as they are. */
  record WriteRecords(AppendDecision.Accept accept, ByteBuffer records)
      implements ControlDecision {}

  /** Already so, or on its way: it holds when all that was given out so far is committed. */
  record Holds() implements ControlDecision {}

  /** Must not be. */
  record Deny(Fault fault) implements ControlDecision {}
}
