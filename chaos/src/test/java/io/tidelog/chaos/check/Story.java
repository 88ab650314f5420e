package io.tidelog.chaos.check;

import io.tidelog.chaos.history.ClientHistory;
import io.tidelog.chaos.history.Event;
import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.history.Reading;
import io.tidelog.chaos.history.Stamp;
import io.tidelog.chaos.history.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A run that went well, made up from a seed: two producers with sends of every outcome, consumers,
 * a group whose partition changes hands, a delay topic, topics that come and go. Tests change an
 * event or add one, and ask the checker.
 */
final class Story {

  static final Place PLAIN = new Place("plain", 0);
  static final Place OTHER = new Place("plain", 1);
  static final Place DELAYED = new Place("plain_2s", 0);
  static final Map<String, TopicRule> RULES = Map.of(DELAYED.topic(), TopicRule.delayed(2_000));
  static final String GROUP = "readers";

  private static final int SENDS = 120;
  private static final long STEP_NS = 1_000_000;
  private static final int FINAL = 9;

  /** The session of the final reading. */
  static final int FINAL_SESSION = 99;

  private final Random random;
  private final Map<Integer, List<Event>> processes = new TreeMap<>();
  private final Map<Place, List<Long>> logs = new TreeMap<>();
  private long nowNs = 1_000_000_000;
  private long nextOp;

  Story(long seed) {
    random = new Random(seed);
    for (int i = 0; i < SENDS; i++) {
      send(1, PLAIN, i);
      send(2, i % 2 == 0 ? PLAIN : OTHER, i);
      send(3, DELAYED, i);
      if (i % 10 == 0) {
        seeEnd(PLAIN);
      }
    }
    readFreely();
    readAsGroup();
    keepTopics();
    readAtTheEnd();
  }

  private void send(int process, Place place, int sequence) {
    long op = nextOp++;
    long value = Value.of(process, sequence);
    add(process, new Event.SendInvoked(tick(), op, place, value));
    var log = logs.computeIfAbsent(place, key -> new ArrayList<>());
    int fate = random.nextInt(10);
    if (fate == 0) {
      add(process, new Event.SendDone(tick(), op, Outcome.FAILED, -1, "refused"));
      return;
    }
    // Of those that are unknown one in three was not appended, and one in three never ended.
    boolean isUnknown = fate < 4;
    if (fate != 1) {
      log.add(value);
    }
    if (isUnknown && fate != 2) {
      add(process, new Event.SendDone(tick(), op, Outcome.UNKNOWN, -1, "timed out"));
    } else if (!isUnknown) {
      add(process, new Event.SendDone(tick(), op, Outcome.OK, log.size() - 1, ""));
    }
  }

  private void seeEnd(Place place) {
    long asked = tick().ns();
    add(4, new Event.EndSeen(tick(), asked, place, logs.get(place).size()));
  }

  private void readFreely() {
    add(4, new Event.SessionStarted(tick(), 1, Reading.FREE, ""));
    add(4, new Event.Assigned(tick(), 1, PLAIN, 0));
    poll(4, 1, PLAIN, 0, 50);
    add(4, new Event.Revoked(tick(), 1, PLAIN));
    // The same consumer, put back.
    add(4, new Event.Assigned(tick(), 1, PLAIN, 20));
    poll(4, 1, PLAIN, 20, logs.get(PLAIN).size());
    nowNs += 2_000 * STEP_NS;
    add(4, new Event.SessionStarted(tick(), 2, Reading.FREE, ""));
    add(4, new Event.Assigned(tick(), 2, DELAYED, 0));
    poll(4, 2, DELAYED, 0, logs.get(DELAYED).size());
  }

  private void readAsGroup() {
    add(5, new Event.SessionStarted(tick(), 1, Reading.GROUP, GROUP));
    add(6, new Event.SessionStarted(tick(), 1, Reading.GROUP, GROUP));
    seeCommitted(-1);
    add(5, new Event.Assigned(tick(), 1, OTHER, 0));
    poll(5, 1, OTHER, 0, 10);
    commit(5, 10, Outcome.OK);
    seeCommitted(10);
    poll(5, 1, OTHER, 10, 20);
    commit(5, 20, Outcome.UNKNOWN);
    // It was paused and never heard that it lost the partition.
    add(6, new Event.Assigned(tick(), 1, OTHER, 10));
    poll(6, 1, OTHER, 10, 25);
    commit(6, 25, Outcome.OK);
    seeCommitted(25);
    commit(5, 20, Outcome.FAILED);
    seeCommitted(25);
  }

  private void poll(int process, int session, Place place, int from, int to) {
    for (int i = from; i < to; i++) {
      add(process, new Event.Polled(tick(), session, place, i, logs.get(place).get(i)));
    }
  }

  private void commit(int process, long offset, Outcome outcome) {
    long op = nextOp++;
    add(process, new Event.CommitInvoked(tick(), op, 1, GROUP, OTHER, offset));
    add(process, new Event.CommitDone(tick(), op, outcome, ""));
  }

  private void seeCommitted(long offset) {
    long asked = tick().ns();
    add(7, new Event.CommittedSeen(tick(), asked, GROUP, OTHER, offset));
  }

  private void keepTopics() {
    wish(Event.TopicAction.CREATE, "kept", 3, Outcome.OK);
    seeTopic("kept", 3, -1);
    wish(Event.TopicAction.ADD_PARTITIONS, "kept", 5, Outcome.OK);
    wish(Event.TopicAction.SET_RETENTION, "kept", 1_000, Outcome.OK);
    wish(Event.TopicAction.SET_RETENTION, "kept", 2_000, Outcome.OK);
    wish(Event.TopicAction.CREATE, "deleted", 1, Outcome.OK);
    wish(Event.TopicAction.DELETE, "deleted", 0, Outcome.OK);
    wish(Event.TopicAction.CREATE, "perhaps", 1, Outcome.UNKNOWN);
  }

  private void wish(Event.TopicAction action, String topic, long number, Outcome outcome) {
    long op = nextOp++;
    add(8, new Event.TopicInvoked(tick(), op, action, topic, number));
    add(8, new Event.TopicDone(tick(), op, outcome, ""));
  }

  private void seeTopic(String topic, int partitions, long retentionMs) {
    long asked = tick().ns();
    add(8, new Event.TopicSeen(tick(), asked, topic, "id of " + topic, partitions, retentionMs));
  }

  private void readAtTheEnd() {
    add(FINAL, new Event.SessionStarted(tick(), FINAL_SESSION, Reading.FINAL, ""));
    logs.forEach(
        (place, log) -> {
          add(FINAL, new Event.Assigned(tick(), FINAL_SESSION, place, 0));
          poll(FINAL, FINAL_SESSION, place, 0, log.size());
          add(FINAL, new Event.FinalBounds(tick(), place, 0, log.size()));
        });
    add(FINAL, new Event.FinalTopics(tick()));
    long asked = tick().ns();
    add(FINAL, new Event.TopicSeen(tick(), asked, "kept", "id of kept", 5, 2_000));
  }

  private Stamp tick() {
    nowNs += STEP_NS;
    return new Stamp(nowNs, nowNs / STEP_NS);
  }

  private void add(int process, Event event) {
    processes.computeIfAbsent(process, key -> new ArrayList<>()).add(event);
  }

  /** An event now, by a process that did nothing else so far. */
  void addLate(Function<Stamp, Event> event) {
    add(10, event.apply(tick()));
  }

  /** A moment after all others. */
  Stamp now() {
    return tick();
  }

  /** The value at an offset. */
  long value(Place place, int offset) {
    return logs.get(place).get(offset);
  }

  /** An offset whose record was acknowledged. */
  int acknowledged(Place place) {
    return processes.values().stream()
        .flatMap(List::stream)
        .filter(e -> e instanceof Event.SendInvoked sent && sent.place().equals(place))
        .map(e -> (Event.SendInvoked) e)
        .filter(sent -> outcome(sent.op()) == Outcome.OK)
        .mapToInt(sent -> logs.get(place).indexOf(sent.value()))
        .filter(offset -> offset > 30)
        .findFirst()
        .orElseThrow();
  }

  /** Whose sends have that outcome, or had no end when it is null. */
  Event.SendInvoked sentWith(Outcome outcome) {
    return processes.get(1).stream()
        .filter(e -> e instanceof Event.SendInvoked)
        .map(e -> (Event.SendInvoked) e)
        .filter(sent -> outcome(sent.op()) == outcome)
        .findFirst()
        .orElseThrow();
  }

  private Outcome outcome(long op) {
    return processes.values().stream()
        .flatMap(List::stream)
        .filter(e -> e instanceof Event.SendDone done && done.op() == op)
        .map(e -> ((Event.SendDone) e).outcome())
        .findFirst()
        .orElse(null);
  }

  /** Replaces events; null takes one out. */
  void change(UnaryOperator<Event> change) {
    processes.replaceAll(
        (process, events) ->
            new ArrayList<>(events.stream().map(change).filter(e -> e != null).toList()));
  }

  List<ClientHistory> histories() {
    return processes.entrySet().stream()
        .map(each -> new ClientHistory(each.getKey(), "story", each.getValue()))
        .toList();
  }

  Verdict verdict() {
    return Checker.check(histories(), RULES);
  }
}
