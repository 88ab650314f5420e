package io.tidelog.chaos.report;

import io.tidelog.chaos.fault.Fault;
import io.tidelog.chaos.history.ClientHistory;
import io.tidelog.chaos.history.Event;
import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.history.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long partitions took no records: from the moment of a fault to the first acknowledgement of a
 * record that was sent after it, for each partition that was hit.
 */
public final class Gaps {

  private record Acknowledged(long sentNs, long atNs) {}

  /**
   * Of one kind of fault.
   *
   * @param sorted milliseconds, the shortest first
   * @param unserved partitions that acknowledged nothing any more
   */
  public record OfKind(List<Long> sorted, int unserved) {

    public OfKind {
      sorted = List.copyOf(sorted);
    }

    /** The smallest that so many per cent are at most; -1 when there are none. */
    public long percentile(int percent) {
      if (sorted.isEmpty()) {
        return -1;
      }
      return sorted.get((int) Math.ceilDiv((long) sorted.size() * percent, 100) - 1);
    }

    public long max() {
      return sorted.isEmpty() ? -1 : sorted.getLast();
    }
  }

  private Gaps() {}

  /** By the word for the kind of fault. */
  public static Map<String, OfKind> of(List<ClientHistory> histories, List<Fault> faults) {
    var acknowledged = acknowledged(histories);
    Map<String, List<Long>> gaps = new TreeMap<>();
    Map<String, Integer> unserved = new HashMap<>();
    for (var fault : faults) {
      var kind = fault.kind().word();
      gaps.computeIfAbsent(kind, key -> new ArrayList<>());
      for (var place : fault.hit()) {
        long first = Long.MAX_VALUE;
        for (var each : acknowledged.getOrDefault(place, List.of())) {
          if (each.sentNs() > fault.startNs()) {
            first = Math.min(first, each.atNs());
          }
        }
        if (first == Long.MAX_VALUE) {
          unserved.merge(kind, 1, Integer::sum);
        } else {
          gaps.get(kind).add((first - fault.startNs()) / 1_000_000);
        }
      }
    }
    Map<String, OfKind> result = new TreeMap<>();
    gaps.forEach(
        (kind, all) -> {
          all.sort(Comparator.naturalOrder());
          result.put(kind, new OfKind(all, unserved.getOrDefault(kind, 0)));
        });
    return result;
  }

  private static Map<Place, List<Acknowledged>> acknowledged(List<ClientHistory> histories) {
    Map<Place, List<Acknowledged>> all = new HashMap<>();
    for (var history : histories) {
      Map<Long, Event.SendInvoked> open = new HashMap<>();
      for (var event : history.events()) {
        if (event instanceof Event.SendInvoked sent) {
          open.put(sent.op(), sent);
        } else if (event instanceof Event.SendDone done) {
          var sent = open.remove(done.op());
          if (sent != null && done.outcome() == Outcome.OK) {
            all.computeIfAbsent(sent.place(), key -> new ArrayList<>())
                .add(new Acknowledged(sent.at().ns(), done.at().ns()));
          }
        }
      }
    }
    return all;
  }
}
