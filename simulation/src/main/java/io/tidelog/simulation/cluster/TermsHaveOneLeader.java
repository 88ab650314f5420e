package io.tidelog.simulation.cluster;

import io.tidelog.hot.format.Frame;
import io.tidelog.simulation.log.Violation;
import java.util.HashMap;
import java.util.Map;

/** At most one process leads in a term, and what is committed never goes back to an older one. */
final class TermsHaveOneLeader implements LogsAreIdentical.FrameListener {

  private final Map<Long, String> leaders = new HashMap<>();
  private long committedTerm;

  /** A process says that it leads. */
  void onLeading(long term, String process) {
    var before = leaders.putIfAbsent(term, process);
    if (before != null && !before.equals(process)) {
      throw new Violation("term " + term + " is led by " + before + " and by " + process);
    }
  }

  @Override
  public void onCommitted(Frame frame, long lsn, long nowNs) {
    boolean isStart = frame instanceof Frame.TermStart;
    if (frame.term() < committedTerm
        || (isStart && frame.term() == committedTerm)
        || (!isStart && !(frame instanceof Frame.GroupStart) && frame.term() > committedTerm)) {
      throw new Violation(
          "term " + frame.term() + " at lsn " + lsn + " after term " + committedTerm);
    }
    if (isStart) {
      committedTerm = frame.term();
    }
  }

  long terms() {
    return leaders.size();
  }
}
