package io.tidelog.chaos.check;

import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.history.Reading;
import io.tidelog.chaos.history.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What stands in one partition against what was sent, acknowledged and read: nothing lost, made up,
 * doubled, swapped, damaged, or shown before it was committed.
 */
final class PartitionCheck {

  private record Stands(long number, Spot spot) {}

  private final Observed observed;
  private final Place place;
  private final TopicRule rule;
  private final FinalLog log;
  private final Findings findings;
  private final Map<Long, Stands> valueAt = new HashMap<>();
  private final Map<Long, Stands> offsetOf = new HashMap<>();
  private final Set<Long> inLog;

  PartitionCheck(Observed observed, Place place, TopicRule rule, FinalLog log, Findings findings) {
    this.observed = observed;
    this.place = place;
    this.rule = rule;
    this.log = log;
    this.findings = findings;
    this.inLog = new HashSet<>(log.values().values());
  }

  void run() {
    // The final reading first, so that whatever differs from it is reported where it was seen.
    observed
        .seen(place)
        .forEach(
            (session, all) -> {
              if (session.reading() == Reading.FINAL) {
                all.forEach(this::checkSeen);
              }
            });
    checkOrder();
    if (log.isRead()) {
      checkHoles();
    }
    observed
        .seen(place)
        .forEach(
            (session, all) -> {
              if (session.reading() != Reading.FINAL) {
                all.forEach(this::checkSeen);
              }
            });
    observed.sends(place).values().forEach(this::checkSend);
  }

  private void checkSeen(Seen seen) {
    if (!(seen instanceof Seen.Record read)) {
      return;
    }
    if (read.value() == Value.DAMAGED) {
      findings.add(Anomaly.DAMAGED, place, "at offset " + read.offset(), read.spot());
      return;
    }
    stand(read.offset(), read.value(), read.spot());
    var what = Value.text(read.value()) + " at offset " + read.offset();
    var send = observed.sends(place).get(read.value());
    if (send == null) {
      findings.add(Anomaly.PHANTOM, place, what + " was sent by nobody", read.spot());
      return;
    }
    if (send.outcome() == Outcome.FAILED) {
      findings.add(
          Anomaly.FAILED_VISIBLE, place, what + " was refused, " + send.spot(), read.spot());
    }
    if (rule.delayMs() > 0 && read.at().wallMs() < send.invoked().wallMs() + rule.delayMs()) {
      long after = read.at().wallMs() - send.invoked().wallMs();
      findings.add(
          Anomaly.EARLY,
          place,
          what + " was read " + after + " ms after it was sent, the delay is " + rule.delayMs(),
          read.spot());
    }
    if (log.isRead() && read.offset() >= log.start() && !inLog.contains(read.value())) {
      findings.add(Anomaly.VANISHED, place, what + " was read, by " + read.session(), read.spot());
    }
  }

  private void stand(long offset, long value, Spot spot) {
    var here = valueAt.putIfAbsent(offset, new Stands(value, spot));
    if (here != null && here.number() != value) {
      findings.add(
          Anomaly.INCONSISTENT_OFFSET,
          place,
          "offset %d is %s, and %s in %s"
              .formatted(offset, Value.text(value), Value.text(here.number()), here.spot()),
          spot);
    }
    var elsewhere = offsetOf.putIfAbsent(value, new Stands(offset, spot));
    if (elsewhere != null && elsewhere.number() != offset) {
      findings.add(
          Anomaly.DUPLICATE,
          place,
          "%s is at offset %d, and at %d in %s"
              .formatted(Value.text(value), offset, elsewhere.number(), elsewhere.spot()),
          spot);
    }
  }

  /** A producer's records stand as it sent them; one of unknown outcome may be missing. */
  private void checkOrder() {
    var lastOf = new HashMap<Integer, Stands>();
    log.values()
        .forEach(
            (offset, value) -> {
              if (value == Value.DAMAGED) {
                return;
              }
              long sequence = Value.sequence(value);
              var send = observed.sends(place).get(value);
              var spot = send == null ? new Spot(-1, -1) : send.spot();
              var last = lastOf.get(Value.writer(value));
              if (last != null && sequence < last.number()) {
                findings.add(
                    Anomaly.REORDERED,
                    place,
                    "%s at offset %d stands behind %d of the same producer, %s"
                        .formatted(Value.text(value), offset, last.number(), last.spot()),
                    spot);
              } else {
                lastOf.put(Value.writer(value), new Stands(sequence, spot));
              }
            });
  }

  private void checkHoles() {
    long expected = log.start();
    for (long offset : log.values().keySet()) {
      if (offset > expected) {
        reportHole(expected, offset);
      }
      expected = Math.max(expected, offset + 1);
    }
    if (expected < log.end()) {
      reportHole(expected, log.end());
    }
  }

  private void reportHole(long from, long to) {
    findings.add(
        Anomaly.HOLE,
        place,
        "offsets %d to %d of [%d, %d)".formatted(from, to - 1, log.start(), log.end()),
        valueAt.getOrDefault(to, new Stands(0, new Spot(-1, -1))).spot());
  }

  private void checkSend(Send send) {
    if (!send.isAcknowledged()) {
      return;
    }
    if (send.offset() >= 0) {
      stand(send.offset(), send.value(), send.spot());
    }
    if (!log.isRead()) {
      findings.add(Anomaly.UNREAD, place, send + " was acknowledged", send.spot());
      return;
    }
    boolean mayBeTrimmed = rule.isTrimmed() && send.offset() < log.start();
    if (inLog.contains(send.value()) || mayBeTrimmed) {
      return;
    }
    var what = send + " was acknowledged at offset " + send.offset();
    if (send.offset() >= log.lastEnd()) {
      findings.add(Anomaly.UNSEEN, place, what + ", the log ends at " + log.lastEnd(), send.spot());
    } else {
      findings.add(Anomaly.LOST, place, what, send.spot());
    }
  }
}
