package io.tidelog.chaos.check;

import io.tidelog.chaos.history.Place;
import java.util.ArrayList;
import java.util.Comparator;

/**
 * The end offset told is at least what was acknowledged, and what was told, before it was asked
 * for.
 */
final class EndCheck {

  private record Known(long sinceNs, long end, Spot spot) {}

  private EndCheck() {}

  static void run(Observed observed, Place place, TopicRule rule, Findings findings) {
    var known = new ArrayList<Known>();
    // What is acknowledged on a delay topic is not to be seen yet.
    if (rule.delayMs() == 0) {
      for (var send : observed.sends(place).values()) {
        if (send.isAcknowledged() && send.offset() >= 0) {
          known.add(new Known(send.doneNs(), send.offset() + 1, send.spot()));
        }
      }
    }
    for (var told : observed.ends(place)) {
      known.add(new Known(told.doneNs(), told.end(), told.spot()));
    }
    known.sort(Comparator.comparingLong(Known::sinceNs));
    var asked = new ArrayList<>(observed.ends(place));
    asked.sort(Comparator.comparingLong(Observed.EndTold::invokedNs));
    int next = 0;
    var highest = new Known(Long.MIN_VALUE, 0, Spot.NONE);
    for (var told : asked) {
      for (; next < known.size() && known.get(next).sinceNs() < told.invokedNs(); next++) {
        highest = known.get(next).end() > highest.end() ? known.get(next) : highest;
      }
      if (told.end() < highest.end()) {
        findings.add(
            Anomaly.STALE_END,
            place,
            "told %d, %d ms after %d was known, %s"
                .formatted(
                    told.end(),
                    (told.invokedNs() - highest.sinceNs()) / 1_000_000,
                    highest.end(),
                    highest.spot()),
            told.spot());
      }
    }
  }
}
