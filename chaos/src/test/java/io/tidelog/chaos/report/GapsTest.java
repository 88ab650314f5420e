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
    assertThat(gaps.get("kill-leader")).isEqualTo(new Gaps.OfKind(List.of(250L), 0));
  }

  @Test
  void aPartitionThatIsNeverServedAgainIsCounted() {
    var gaps =
        Gaps.of(List.of(history(sent(1, HIT, 150))), List.of(fault(FaultKind.KILL_ALL, 100, HIT)));
    assertThat(gaps.get("kill-all")).isEqualTo(new Gaps.OfKind(List.of(), 1));
  }

  @Test
  void percentilesAreOfTheSmallestGapThatCovers() {
    var gaps = new Gaps.OfKind(LongStream.rangeClosed(1, 200).boxed().toList(), 0);
    assertThat(gaps.percentile(50)).isEqualTo(100);
    assertThat(gaps.percentile(99)).isEqualTo(198);
    assertThat(gaps.max()).isEqualTo(200);
    assertThat(new Gaps.OfKind(List.of(7L), 0).percentile(99)).isEqualTo(7);
    assertThat(new Gaps.OfKind(List.of(), 0).percentile(99)).isEqualTo(-1);
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
