package io.tidelog.chaos.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.chaos.fault.Fault;
import io.tidelog.chaos.fault.FaultKind;
import io.tidelog.chaos.history.ClientHistory;
import io.tidelog.chaos.history.Event;
import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.history.Stamp;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GapsTest {

  private static final Place HIT = new Place("t", 0);
  private static final Place SPARED = new Place("t", 1);

  @Test
  void aGapEndsWithTheFirstAcknowledgementOfWhatWasSentAfterTheFault() {
    var history =
        history(
            sent(1, HIT, 90),
            sent(2, SPARED, 101),
            done(2, Outcome.OK, 102),
            sent(3, HIT, 105),
            // Sent before: it may have been on its way back when the fault struck.
            done(1, Outcome.OK, 120),
            sent(4, HIT, 130),
            done(3, Outcome.UNKNOWN, 300),
            done(4, Outcome.OK, 350),
            sent(5, HIT, 400),
            done(5, Outcome.OK, 401));
    var gaps = Gaps.of(List.of(history), List.of(fault(FaultKind.KILL_LEADER, 100, HIT)));
    assertThat(gaps).containsOnlyKeys("kill-leader");
    assertThat(gaps.get("kill-leader")).isEqualTo(ofKind(List.of(250L), List.of(30L), 0));
  }

  @Test
  void aPartitionThatIsNeverServedAgainIsCounted() {
    var gaps =
        Gaps.of(List.of(history(sent(1, HIT, 150))), List.of(fault(FaultKind.KILL_ALL, 100, HIT)));
    assertThat(gaps.get("kill-all")).isEqualTo(ofKind(List.of(), List.of(), 1));
  }

  @Test
  void theLongestWaitIsOfRecordsUnderWayUntilTheFaultIsHealed() {
    var stop =
        new Fault(
            FaultKind.STOP_LEADER,
            "someone",
            100 * 1_000_000,
            500 * 1_000_000,
            Fault.NEVER,
            Set.of(HIT));
    var history =
        history(
            sent(1, HIT, 10),
            done(1, Outcome.OK, 99), // over before
            sent(2, HIT, 95),
            sent(3, HIT, 101),
            done(3, Outcome.OK, 103), // by the old leader
            sent(4, HIT, 110),
            done(2, Outcome.OK, 150),
            done(4, Outcome.OK, 180),
            sent(5, HIT, 510),
            done(5, Outcome.OK, 700)); // of another fault
    var gaps = Gaps.of(List.of(history), List.of(stop));
    assertThat(gaps.get("stop-leader")).isEqualTo(ofKind(List.of(3L), List.of(70L), 0));
  }

  @Test
  void percentilesAreOfTheSmallestGapThatCovers() {
    var gaps = new Gaps.Times(LongStream.rangeClosed(1, 200).boxed().toList());
    assertThat(gaps.percentile(50)).isEqualTo(100);
    assertThat(gaps.percentile(99)).isEqualTo(198);
    assertThat(gaps.max()).isEqualTo(200);
    assertThat(new Gaps.Times(List.of(7L)).percentile(99)).isEqualTo(7);
    assertThat(new Gaps.Times(List.of()).percentile(99)).isEqualTo(-1);
  }

  private static Gaps.OfKind ofKind(List<Long> firsts, List<Long> waits, int unserved) {
    return new Gaps.OfKind(new Gaps.Times(firsts), new Gaps.Times(waits), unserved);
  }

  private static ClientHistory history(Event... events) {
    return new ClientHistory(1, "W1", List.of(events));
  }

  private static Event sent(long op, Place place, long ms) {
    return new Event.SendInvoked(at(ms), op, place, op);
  }

  private static Event done(long op, Outcome outcome, long ms) {
    return new Event.SendDone(at(ms), op, outcome, -1, "");
  }

  private static Stamp at(long ms) {
    return new Stamp(ms * 1_000_000, ms);
  }

  private static Fault fault(FaultKind kind, long ms, Place place) {
    return new Fault(
        kind, "someone", ms * 1_000_000, ms * 1_000_000 + 1, Fault.NEVER, Set.of(place));
  }
}
