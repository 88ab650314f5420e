package io.tidelog.gateway.fetch;

/**
 * What fetches keep now, over all event loops, for an operator.
 *
 * @param parked fetches that wait for records
 * @param turnedAway fetches since the start that found no room to wait
 * @param sessions fetch sessions open
 * @param sessionEvictions sessions since the start that made room for others
 * @param lateReads reads that outlasted their fetch, over or not
 * @param lateReadBytes records found too late and kept
 */
public record FetchStats(
    long parked,
    long turnedAway,
    long sessions,
    long sessionEvictions,
    long lateReads,
    long lateReadBytes) {

  static final FetchStats NOTHING = new FetchStats(0, 0, 0, 0, 0, 0);

  FetchStats plus(FetchStats other) {
    return new FetchStats(
        parked + other.parked,
        turnedAway + other.turnedAway,
        sessions + other.sessions,
        sessionEvictions + other.sessionEvictions,
        lateReads + other.lateReads,
        lateReadBytes + other.lateReadBytes);
  }
}
