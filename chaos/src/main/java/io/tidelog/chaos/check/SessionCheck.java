package io.tidelog.chaos.check;

import io.tidelog.chaos.history.Place;
import java.util.List;

/**
 * Each consumer moves forward through a partition, record by record, from where it was put until it
 * is put elsewhere.
 */
final class SessionCheck {

  /** The consumer has seen nothing since it was assigned, and does not know where it stands. */
  private static final long UNKNOWN = -1;

  private final Place place;
  private final FinalLog log;
  private final Findings findings;

  SessionCheck(Place place, FinalLog log, Findings findings) {
    this.place = place;
    this.log = log;
    this.findings = findings;
  }

  void run(Session session, List<Seen> all) {
    long next = UNKNOWN;
    for (var seen : all) {
      switch (seen) {
        case Seen.Begin begin -> next = begin.position();
        case Seen.End end -> next = UNKNOWN;
        case Seen.Record read -> {
          check(session, next, read);
          next = read.offset() + 1;
        }
      }
    }
  }

  private void check(Session session, long next, Seen.Record read) {
    if (next == UNKNOWN) {
      return;
    }
    var what = session + " stood at " + next + " and was given " + read.offset();
    if (read.offset() < next) {
      findings.add(Anomaly.POLL_BACK, place, what, read.spot());
    } else if (log.firstBetween(next, read.offset()) >= 0) {
      findings.add(Anomaly.POLL_SKIP, place, what, read.spot());
    }
  }
}
