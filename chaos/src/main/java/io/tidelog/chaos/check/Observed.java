package io.tidelog.chaos.check;

import io.tidelog.chaos.history.ClientHistory;
import io.tidelog.chaos.history.Event;
import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.history.Reading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** All histories of a run, sorted by what they are about. Built once, then only read. */
final class Observed {

  /** An operation, by the process that did it and its number there. */
  private record Operation(int process, long op) {}

  /** A group's offset of a partition. */
  record GroupPlace(String group, Place place) implements Comparable<GroupPlace> {

    @Override
    public int compareTo(GroupPlace other) {
      int byGroup = group.compareTo(other.group);
      return byGroup != 0 ? byGroup : place.compareTo(other.place);
    }

    @Override
    public String toString() {
      return "group " + group + " of " + place;
    }
  }

  /** An end offset told between two moments. */
  record EndTold(Spot spot, long invokedNs, long doneNs, long end) {}

  /**
   * @param found null for nothing
   */
  record Found(Spot spot, long invokedNs, long doneNs, @Nullable Long found) {}

  record Bounds(long start, long end) {}

  record TopicWish(Event.TopicInvoked wish, Spot spot, Outcome outcome, long doneNs) {}

  private final Map<Operation, Send> openSends = new HashMap<>();
  private final Map<Operation, Map.Entry<GroupPlace, Commit>> openCommits = new HashMap<>();
  private final Map<Operation, TopicWish> wishes = new HashMap<>();
  private final Map<Operation, Session> sessions = new HashMap<>();
  private final Map<Place, Map<Long, Send>> sends = new TreeMap<>();
  private final Map<Place, Map<Session, List<Seen>>> seen = new TreeMap<>();
  private final Map<Place, List<EndTold>> ends = new TreeMap<>();
  private final Map<Place, Bounds> bounds = new HashMap<>();
  private final Map<GroupPlace, Register> commits = new TreeMap<>();
  private final Map<GroupPlace, List<Found>> found = new TreeMap<>();
  private final Map<String, List<TopicWish>> topicWishes = new TreeMap<>();
  private final Map<String, List<Event.TopicSeen>> topicsSeen = new TreeMap<>();
  private final Map<String, Event.TopicSeen> finalTopics = new TreeMap<>();
  private @Nullable Spot finalListing;

  static Observed of(List<ClientHistory> histories) {
    var observed = new Observed();
    histories.forEach(observed::add);
    observed.openSends.values().forEach(observed::keep);
    observed
        .openCommits
        .values()
        .forEach(commit -> observed.register(commit.getKey()).add(commit.getValue()));
    observed
        .wishes
        .values()
        .forEach(
            wish ->
                observed
                    .topicWishes
                    .computeIfAbsent(wish.wish().topic(), topic -> new ArrayList<>())
                    .add(wish));
    return observed;
  }

  private void add(ClientHistory history) {
    int process = history.process();
    boolean isFinalListing = false;
    for (int i = 0; i < history.events().size(); i++) {
      var spot = new Spot(process, i);
      var event = history.events().get(i);
      switch (event) {
        case Event.SendInvoked e ->
            openSends.put(
                new Operation(process, e.op()), Send.invoked(spot, e.place(), e.value(), e.at()));
        case Event.SendDone e ->
            openSends.computeIfPresent(
                new Operation(process, e.op()),
                (op, send) -> send.done(e.outcome(), e.at().ns(), e.offset()));
        case Event.SessionStarted e ->
            sessions.put(
                new Operation(process, e.session()),
                new Session(process, e.session(), e.reading(), e.group()));
        case Event.FinalTopics e -> {
          isFinalListing = true;
          finalListing = spot;
        }
        case Event.TopicSeen e -> {
          topicsSeen.computeIfAbsent(e.topic(), topic -> new ArrayList<>()).add(e);
          if (isFinalListing) {
            finalTopics.put(e.topic(), e);
          }
        }
        default -> addRead(process, spot, event);
      }
    }
  }

  private void addRead(int process, Spot spot, Event event) {
    switch (event) {
      case Event.Assigned e -> {
        var session = session(process, e.session());
        see(e.place(), new Seen.Begin(session, spot, e.at().ns(), e.position()));
      }
      case Event.Revoked e -> see(e.place(), new Seen.End(session(process, e.session()), spot));
      case Event.Polled e ->
          see(
              e.place(),
              new Seen.Record(session(process, e.session()), spot, e.at(), e.offset(), e.value()));
      case Event.EndSeen e ->
          ends.computeIfAbsent(e.place(), place -> new ArrayList<>())
              .add(new EndTold(spot, e.invokedNs(), e.at().ns(), e.end()));
      case Event.FinalBounds e -> bounds.put(e.place(), new Bounds(e.start(), e.end()));
      default -> addOperation(process, spot, event);
    }
  }

  private void addOperation(int process, Spot spot, Event event) {
    switch (event) {
      case Event.CommitInvoked e -> {
        var commit =
            new Commit(
                spot,
                session(process, e.session()),
                e.at().ns(),
                Outcome.UNKNOWN,
                Long.MAX_VALUE,
                e.offset());
        openCommits.put(
            new Operation(process, e.op()),
            Map.entry(new GroupPlace(e.group(), e.place()), commit));
      }
      case Event.CommitDone e ->
          openCommits.computeIfPresent(
              new Operation(process, e.op()),
              (op, open) ->
                  Map.entry(open.getKey(), open.getValue().done(e.outcome(), e.at().ns())));
      case Event.CommittedSeen e ->
          found
              .computeIfAbsent(new GroupPlace(e.group(), e.place()), place -> new ArrayList<>())
              .add(new Found(spot, e.invokedNs(), e.at().ns(), e.offset() < 0 ? null : e.offset()));
      case Event.TopicInvoked e ->
          wishes.put(
              new Operation(process, e.op()),
              new TopicWish(e, spot, Outcome.UNKNOWN, Long.MAX_VALUE));
      case Event.TopicDone e ->
          wishes.computeIfPresent(
              new Operation(process, e.op()),
              (op, wish) ->
                  new TopicWish(
                      wish.wish(),
                      wish.spot(),
                      e.outcome(),
                      e.outcome() == Outcome.UNKNOWN ? Long.MAX_VALUE : e.at().ns()));
      case Event.MoveInvoked e -> {
        // Where a partition lives shows in nothing else.
      }
      case Event.MoveDone e -> {
        // Nor that it has arrived there.
      }
      default -> throw new IllegalArgumentException("unexpected " + event);
    }
  }

  /** One whose beginning was not written is free: it may see what it likes, in order. */
  private Session session(int process, int number) {
    return sessions.computeIfAbsent(
        new Operation(process, number), key -> new Session(process, number, Reading.FREE, ""));
  }

  private void see(Place place, Seen what) {
    seen.computeIfAbsent(place, key -> new HashMap<>())
        .computeIfAbsent(what.session(), key -> new ArrayList<>())
        .add(what);
  }

  private void keep(Send send) {
    sends.computeIfAbsent(send.place(), place -> new HashMap<>()).put(send.value(), send);
  }

  private Register register(GroupPlace place) {
    return commits.computeIfAbsent(place, key -> new Register());
  }

  /** Every partition that somebody wrote, read or asked about. */
  TreeSet<Place> places() {
    var places = new TreeSet<>(sends.keySet());
    places.addAll(seen.keySet());
    places.addAll(ends.keySet());
    return places;
  }

  /** By value. */
  Map<Long, Send> sends(Place place) {
    return sends.getOrDefault(place, Map.of());
  }

  /** Of each consumer, in its order. */
  Map<Session, List<Seen>> seen(Place place) {
    return seen.getOrDefault(place, Map.of());
  }

  List<EndTold> ends(Place place) {
    return ends.getOrDefault(place, List.of());
  }

  /** Of the final reading; null when there was none. */
  @Nullable Bounds bounds(Place place) {
    return bounds.get(place);
  }

  TreeSet<GroupPlace> groupPlaces() {
    var places = new TreeSet<>(commits.keySet());
    places.addAll(found.keySet());
    return places;
  }

  Register commits(GroupPlace place) {
    return commits.getOrDefault(place, new Register());
  }

  List<Found> found(GroupPlace place) {
    return found.getOrDefault(place, List.of());
  }

  Map<String, List<TopicWish>> topicWishes() {
    return topicWishes;
  }

  List<Event.TopicSeen> topicsSeen(String topic) {
    return topicsSeen.getOrDefault(topic, List.of());
  }

  Event.@Nullable TopicSeen finalTopic(String topic) {
    return finalTopics.get(topic);
  }

  /** Where the final listing of topics begins; null when there was none. */
  @Nullable Spot finalListing() {
    return finalListing;
  }
}
