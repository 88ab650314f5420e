package io.tidelog.hot.replica;

/**
 * How often one process gives away the lead of a log of which it cannot read something: at once the
 * first time, then after waits that double, and to another replica each time. Else copies that are
 * all damaged would pass the lead round without end, or two of them pass it to and fro although a
 * third one is whole. Memory only; belongs to the log's lane.
 */
final class LeadsGivenAway {

  /** The longest wait is so many doublings of the least one. */
  static final int MAX_DOUBLINGS = 8;

  private final long leastWaitNs;
  private int turn;
  private int inARow;
  private long lastNs;

  LeadsGivenAway(long leastWaitNs) {
    this.leastWaitNs = leastWaitNs;
  }

  /** Whether it was not given away a short while ago. */
  boolean mayGive(long nowNs) {
    return inARow == 0 || nowNs - lastNs >= waitNs(inARow - 1);
  }

  private long waitNs(int doublings) {
    return leastWaitNs << Math.min(doublings, MAX_DOUBLINGS);
  }

  /** It is given away now; gives whose turn it is to lead. */
  int onGiven(long nowNs) {
    boolean isLongAgo = nowNs - lastNs > 2 * waitNs(MAX_DOUBLINGS);
    inARow = isLongAgo ? 1 : inARow + 1;
    lastNs = nowNs;
    return turn++;
  }
}
