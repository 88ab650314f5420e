package io.tidelog.chaos.report;

import io.tidelog.chaos.fault.Fault;
import io.tidelog.chaos.history.ClientHistory;
import io.tidelog.chaos.history.Event;
import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.history.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long faults were felt, for each partition that was hit. The first acknowledgement of a record
 * sent after the fault may still be the old leader's, when it stops in order; the longest wait is
 * what a client saw.
 */
public final class Gaps {

  private record Acknowledged(long sentNs, long atNs) {

    long waitMs() {
      return (atNs - sentNs) / 1_000_000;
    }
  }

  /**
   * Times of partitions.
   *
   * @param sorted milliseconds, the shortest first
   */
  public record Times(List<Long> sorted) {

    public Times {
      sorted = sorted.stream().sorted().toList();
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

  /**
   * Of one kind of fault.
   *
   * @param firsts from the fault to the first acknowledgement of a record that was sent after it
   * @param waits the longest any record waited for its acknowledgement, of those under way when the
   *     fault came or sent until it was healed
   * @param unserved partitions that acknowledged nothing any more
   */
  public record OfKind(Times firsts, Times waits, int unserved) {}

  private Gaps() {}

  /** By the word for the kind of fault. */
  public static Map<String, OfKind> of(List<ClientHistory> histories, List<Fault> faults) {
    var acknowledged = acknowledged(histories);
    Map<String, List<Fault>> byKind = new TreeMap<>();
    for (var fault : faults) {
      byKind.computeIfAbsent(fault.kind().word(), key -> new ArrayList<>()).add(fault);
    }
    Map<String, OfKind> result = new TreeMap<>();
    byKind.forEach((kind, all) -> result.put(kind, ofKind(acknowledged, all)));
    return result;
  }

  private static OfKind ofKind(Map<Place, List<Acknowledged>> acknowledged, List<Fault> faults) {
    List<Long> firsts = new ArrayList<>();
    List<Long> waits = new ArrayList<>();
    int unserved = 0;
    for (var fault : faults) {
      for (var place : fault.hit()) {
        var all = acknowledged.getOrDefault(place, List.of());
        var first =
            all.stream()
                .filter(each -> each.sentNs() > fault.startNs())
                .mapToLong(Acknowledged::atNs)
                .min();
        if (first.isEmpty()) {
          unserved++;
          continue;
        }
        firsts.add((first.getAsLong() - fault.startNs()) / 1_000_000);
        all.stream()
            .filter(each -> each.atNs() > fault.startNs() && each.sentNs() < fault.healedNs())
            .mapToLong(Acknowledged::waitMs)
            .max()
            .ifPresent(waits::add);
      }
    }
    return new OfKind(new Times(firsts), new Times(waits), unserved);
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
