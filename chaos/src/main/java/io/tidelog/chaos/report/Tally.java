package io.tidelog.chaos.report;

import io.tidelog.chaos.history.ClientHistory;
import io.tidelog.chaos.history.Event;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How much clients did, by workload. */
public final class Tally {

  private Tally() {}

  /** By workload, by what: {@code acknowledged}, {@code unknown}, {@code read}, ... */
  public static Map<String, Map<String, Long>> of(List<ClientHistory> histories) {
    Map<String, Map<String, Long>> all = new TreeMap<>();
    for (var history : histories) {
      var counts = all.computeIfAbsent(history.workload(), key -> new TreeMap<>());
      for (var event : history.events()) {
        var what =
            switch (event) {
              case Event.SendInvoked e -> "sent";
              case Event.SendDone e ->
                  switch (e.outcome()) {
                    case OK -> "acknowledged";
                    case FAILED -> "refused";
                    case UNKNOWN -> "unknown";
                  };
              case Event.Polled e -> "read";
              case Event.SessionStarted e -> "consumers";
              case Event.CommitDone e -> "commits " + e.outcome().name();
              case Event.CommittedSeen e -> "offsets asked";
              case Event.EndSeen e -> "ends asked";
              case Event.MoveDone e -> "moves " + e.outcome().name();
              case Event.TopicDone e -> "topic changes " + e.outcome().name();
              default -> "";
            };
        if (!what.isEmpty()) {
          counts.merge(what, 1L, Long::sum);
        }
      }
    }
    return all;
  }
}
