package io.tidelog.hot.move;

import io.tidelog.hot.move.ModelFrame.Remembered;
import io.tidelog.hot.move.ModelFrame.Sent;
import io.tidelog.hot.move.ModelLeader.Answer;
import io.tidelog.hot.move.ModelLeader.Written;
import io.tidelog.metadata.api.PartitionMoves.Standing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One partition moved among three logs by the real machines: leaders die at every step or believe
 * that they still lead, what they wrote is lost or not, messages are late, lost, doubled, the store
 * is slow and pictures of it old, moves are cancelled; meanwhile clients append, retention and the
 * cold tier do their work. Checked as it goes: every frame that is committed.
 */
final class MoveSimulation {

  private static final int LOGS = 3;
  private static final int PRODUCERS = 3;
  private static final int CHAOS_STEPS = 1_500;
  private static final int DRAIN_STEPS = 60_000;

  private final Random random;
  private final Mutant mutant;
  private final ModelStore store = new ModelStore(LOGS);
  private final List<ModelView> committed = new ArrayList<>();
  private final List<ModelLeader> leaders = new ArrayList<>();
  private final List<ModelLeader> deposed = new ArrayList<>();
  private final List<Message> messages = new ArrayList<>();
  private final boolean isLossy;
  private final int changeOfLeader;
  private long nowNs;
  private boolean isCalm;

  // What clients know to be true.
  private final List<Sent> truth = new ArrayList<>();
  private final int[] sent = new int[PRODUCERS];
  private final int[] acknowledged = new int[PRODUCERS];
  private long lastEpoch;
  private long logStart;

  /** Content of the objects there are, and the log and term that made each. */
  private final Map<String, Stored> objects = new HashMap<>();

  private long lastMove;
  int moves;

  private record Stored(int log, long term, long from, List<Sent> records) {}

  private record Message(long dueNs, Runnable delivery) {}

  MoveSimulation(long seed, Mutant mutant) {
    this.random = new Random(seed);
    this.mutant = mutant;
    this.isLossy = random.nextInt(3) > 0;
    this.changeOfLeader = 2 + random.nextInt(40);
    for (int log = 0; log < LOGS; log++) {
      committed.add(new ModelView());
      leaders.add(new ModelLeader(log, 1, committed.get(log), random.nextLong() >>> 2));
    }
    committed.getFirst().apply(new ModelFrame.Create());
    leaders.getFirst().written.apply(new ModelFrame.Create());
  }

  void run() {
    for (int step = 0; step < CHAOS_STEPS; step++) {
      nowNs++;
      act();
      deliver();
    }
    isCalm = true;
    deposed.clear();
    for (int step = 0; !isDrained(); step++) {
      if (step > DRAIN_STEPS) {
        throw new AssertionError("it never ends: " + store.newest() + describe());
      }
      nowNs++;
      act();
      deliver();
    }
    checkEnd();
  }

  private String describe() {
    var text = new StringBuilder();
    committed.forEach(view -> text.append(' ').append(view.standing));
    return text.toString();
  }

  private void act() {
    var leader = anyLeader();
    switch (random.nextInt(16)) {
      case 0, 1 -> stepSource(leader);
      case 2, 3, 4 -> stepTarget(leader);
      case 5, 6, 7 -> commit(leaders.get(random.nextInt(LOGS)));
      case 8, 9 -> clientSends(leader);
      case 10 -> see(leader);
      case 11 -> offloadOrTrim(leader);
      case 12 -> retainOrCollect(leader);
      case 13 -> tellNeeds(leader);
      case 14 -> operator();
      default -> {
        if (!isCalm && random.nextInt(changeOfLeader) == 0) {
          changeLeader(random.nextInt(LOGS));
        } else {
          read(leaders.get(random.nextInt(LOGS)));
        }
      }
    }
  }

  private ModelLeader anyLeader() {
    if (!deposed.isEmpty() && random.nextInt(4) == 0) {
      return deposed.get(random.nextInt(deposed.size()));
    }
    return leaders.get(random.nextInt(LOGS));
  }

  private void send(Runnable delivery) {
    if (!isCalm && isLossy && random.nextInt(6) == 0) {
      return;
    }
    long delay = 1L + random.nextInt(isCalm ? 3 : random.nextInt(10) == 0 ? 300 : 12);
    messages.add(new Message(nowNs + delay, delivery));
    if (!isCalm && isLossy && random.nextInt(8) == 0) {
      messages.add(new Message(nowNs + delay + random.nextInt(100), delivery));
    }
  }

  private void deliver() {
    var due = messages.stream().filter(message -> message.dueNs() <= nowNs).toList();
    messages.removeAll(due);
    due.forEach(message -> message.delivery().run());
  }

  private void see(ModelLeader leader) {
    int newest = store.count() - 1;
    int from = leader.pictureIndex;
    leader.pictureIndex = isCalm ? newest : from + random.nextInt(newest - from + 1);
  }

  private Standing picture(ModelLeader leader) {
    var picture = store.at(leader.pictureIndex).picture();
    return mutant == Mutant.OLD_PICTURES_BELIEVED
        ? new Standing(Long.MAX_VALUE, picture.home(), picture.baseEpoch(), picture.move())
        : picture;
  }

  private void stepSource(ModelLeader leader) {
    Runnable done = leader.source::onWritten;
    switch (leader.source.decide(picture(leader), leader.view.standing, nowNs)) {
      case SourceDecision.Nothing d -> {}
      case SourceDecision.Refresh d -> send(() -> leader.pictureIndex = store.count() - 1);
      case SourceDecision.Close d -> leader.write(new ModelFrame.Close(d.epoch()), done);
      case SourceDecision.Reopen d -> leader.write(new ModelFrame.Reopen(d.epoch()), done);
      case SourceDecision.Release d -> leader.write(new ModelFrame.Release(d.epoch()), done);
      case SourceDecision.Cancel d -> send(() -> store.cancel(d.move()));
    }
  }

  private void stepTarget(ModelLeader leader) {
    Runnable done = leader.target::onWritten;
    switch (leader.target.decide(picture(leader), leader.view.standing, nowNs)) {
      case TargetDecision.Nothing d -> {}
      case TargetDecision.Refresh d -> send(() -> leader.pictureIndex = store.count() - 1);
      case TargetDecision.Ask d -> ask(leader, d);
      case TargetDecision.Begin d -> {
        var answer = leader.answers.get(d.request());
        long from = answer.told().offsets().start();
        leader.write(new ModelFrame.Begin(d.epoch(), from, answer.cold()), done);
      }
      case TargetDecision.Append d -> {
        var answer = leader.answers.get(d.request());
        long from = answer.told().offsets().start();
        leader.write(new ModelFrame.Import(d.epoch(), from, answer.records()), done);
      }
      case TargetDecision.Finish d -> finish(leader, d, done);
      case TargetDecision.SwapHome d -> {
        var read = store.newest();
        boolean comparesIntent = mutant != Mutant.SWAP_WITHOUT_INTENT;
        boolean comparesLogs = mutant != Mutant.SWAP_WITHOUT_LOGS;
        send(() -> store.swap(d.move(), read, comparesIntent, comparesLogs));
      }
      case TargetDecision.OpenHere d ->
          leader.write(
              new ModelFrame.Open(d.epoch(), store.at(leader.pictureIndex).baseEpoch()), done);
      case TargetDecision.Drop d -> leader.write(new ModelFrame.Drop(d.epoch()), done);
    }
  }

  private void finish(ModelLeader leader, TargetDecision.Finish d, Runnable done) {
    var answer = leader.answers.get(d.request());
    Map<Integer, Remembered> producers =
        mutant == Mutant.PRODUCERS_FORGOTTEN ? Map.of() : answer.producers();
    leader.write(new ModelFrame.Finish(d.epoch(), answer.logStart(), producers), done);
    if (mutant == Mutant.OPENED_BEFORE_SWAP) {
      leader.write(new ModelFrame.Open(d.epoch(), 1), () -> {});
    }
  }

  private void ask(ModelLeader asking, TargetDecision.Ask ask) {
    int source = ModelStore.logOf(ask.move().from());
    send(
        () -> {
          var asked =
              Stream.concat(Stream.of(leaders.get(source)), deposed.stream())
                  .filter(leader -> leader.log == source)
                  .skip(isCalm ? 0 : random.nextInt(2))
                  .findFirst()
                  .orElse(leaders.get(source));
          var answer = asked.answer(ask, mutant);
          if (answer != null) {
            send(() -> onAnswer(asking, answer));
          }
        });
  }

  private void onAnswer(ModelLeader asking, Answer answer) {
    var told = answer.told();
    boolean isTaken = asking.target.onAnswer(told);
    if (isTaken || mutant == Mutant.EVERY_ANSWER_KEPT) {
      asking.answers.put(told.request(), answer);
    }
  }

  private void clientSends(ModelLeader leader) {
    int producer = random.nextInt(PRODUCERS);
    if (sent[producer] == acknowledged[producer]) {
      if (isCalm) {
        return;
      }
      sent[producer]++;
    }
    int sequence = sent[producer];
    if (!(leader.written.standing instanceof MoveStanding.Open)) {
      return;
    }
    var known = leader.written.producers.get(producer);
    if (known != null && known.sequence() >= sequence) {
      var kept = leader.view.producers.get(producer);
      if (!leader.isDeposed && kept != null && kept.sequence() == sequence) {
        acknowledge(producer, sequence, kept.offset());
      }
      return;
    }
    if (known != null && known.sequence() + 1 != sequence) {
      if (leader.isDeposed) {
        return; // it refuses what its successor has let through
      }
      throw new AssertionError("producer " + producer + " at " + sequence + " after " + known);
    }
    long offset = leader.written.next;
    long epoch = leader.written.baseEpoch + leader.term;
    leader.write(
        new ModelFrame.Append(new Sent(producer, sequence), offset, epoch),
        () -> acknowledge(producer, sequence, offset));
  }

  private void acknowledge(int producer, int sequence, long offset) {
    require(
        truth.get((int) offset).equals(new Sent(producer, sequence)),
        "acknowledged at another offset " + offset);
    if (isCalm || random.nextInt(4) > 0) {
      acknowledged[producer] = Math.max(acknowledged[producer], sequence);
    }
  }

  private void commit(ModelLeader leader) {
    int count = Math.min(leader.pending.size(), 1 + random.nextInt(4));
    for (int i = 0; i < count; i++) {
      var next = leader.pending.removeFirst();
      onCommit(leader, next);
      next.done().run();
    }
  }

  private void onCommit(ModelLeader leader, Written next) {
    var view = committed.get(leader.log);
    var before = view.standing;
    view.apply(next.frame());
    switch (next.frame()) {
      case ModelFrame.Append append -> onAppended(append);
      case ModelFrame.Import taken -> {
        for (int i = 0; i < taken.records().size(); i++) {
          require(
              taken.from() + i < truth.size()
                  && truth.get((int) taken.from() + i).equals(taken.records().get(i)),
              "imported what is not so");
        }
      }
      case ModelFrame.Offload made -> onOffloaded(leader, view, made);
      case ModelFrame.Release gone -> {
        if (mutant == Mutant.OBJECTS_RELEASED) {
          view.kept.clear();
        }
      }
      case ModelFrame.Retain retain -> logStart = Math.max(logStart, view.logStart);
      default -> {}
    }
    boolean isOpen = view.standing instanceof MoveStanding.Open;
    if (isOpen && !(before instanceof MoveStanding.Open)) {
      checkWhole(view);
      moves += view.cameBy > lastMove ? 1 : 0;
      lastMove = Math.max(lastMove, view.cameBy);
    }
    for (int log = 0; log < LOGS; log++) {
      require(
          !(committed.get(log).standing instanceof MoveStanding.Open)
              || store.newest().home() == log,
          "open in log " + log + ", at home in " + store.newest());
    }
  }

  private void onAppended(ModelFrame.Append append) {
    require(append.offset() == truth.size(), "two records at offset " + append.offset());
    require(!truth.contains(append.sent()), "twice: " + append);
    require(append.epoch() >= lastEpoch, "the leader epoch goes back: " + append);
    lastEpoch = append.epoch();
    truth.add(append.sent());
  }

  private void onOffloaded(ModelLeader leader, ModelView view, ModelFrame.Offload made) {
    if (view.needs().contains(made.object())) {
      var content = List.copyOf(truth.subList((int) made.from(), (int) made.to()));
      objects.put(made.object(), new Stored(leader.log, leader.term, made.from(), content));
    }
  }

  /** What is opened to clients has everything, from the log start to the end, in one tier. */
  private void checkWhole(ModelView view) {
    require(view.next == truth.size(), "opened at " + view.next + " of " + truth.size());
    require(view.logStart == logStart, "opened from " + view.logStart + ", kept from " + logStart);
    for (long offset = logStart; offset < view.next; offset++) {
      checkReadable(view, offset);
    }
    view.producers.forEach(
        (producer, kept) ->
            require(
                truth.get((int) kept.offset()).equals(new Sent(producer, kept.sequence())),
                "a producer's newest record is " + kept));
  }

  private void checkReadable(ModelView view, long offset) {
    var record = view.records.get(offset);
    if (record == null) {
      for (var run : view.cold) {
        if (run.from() <= offset && offset < run.to()) {
          var object = objects.get(run.object());
          require(object != null, "object " + run.object() + " is gone and needed at " + offset);
          record = object.records().get((int) (offset - object.from()));
        }
      }
    }
    require(truth.get((int) offset).equals(record), "offset " + offset + " reads " + record);
  }

  private void read(ModelLeader leader) {
    var view = leader.view;
    if (view.standing instanceof MoveStanding.Open && view.next > view.logStart) {
      checkReadable(view, view.logStart + random.nextLong(view.next - view.logStart));
    }
  }

  private void offloadOrTrim(ModelLeader leader) {
    var view = leader.view;
    boolean isHere =
        view.standing instanceof MoveStanding.Open || view.standing instanceof MoveStanding.Closed;
    if (!isHere || isCalm) {
      return;
    }
    long from = leader.written.coldEnd();
    if (random.nextInt(3) == 0) {
      view.records.headMap(Math.min(view.coldEnd(), view.next)).clear();
    } else if (view.next > from && from >= view.coldEnd() && !leader.isDeposed) {
      long to = from + 1 + random.nextLong(view.next - from);
      var name = leader.log + "-" + leader.term + "-" + random.nextLong();
      leader.write(new ModelFrame.Offload(name, from, to), () -> {});
    }
  }

  private void retainOrCollect(ModelLeader leader) {
    var view = leader.view;
    if (random.nextInt(4) == 0 && view.standing instanceof MoveStanding.Open && !isCalm) {
      long start = view.logStart + random.nextLong(view.next - view.logStart + 1) / 4;
      leader.write(new ModelFrame.Retain(start), () -> {});
      return;
    }
    // One that was deposed deletes nothing of later terms.
    Set<String> live = view.live();
    objects
        .entrySet()
        .removeIf(
            object ->
                object.getValue().log() == leader.log
                    && object.getValue().term() <= leader.term
                    && !live.contains(object.getKey()));
  }

  /** Whoever has the partition tells all logs which objects of theirs it needs. */
  private void tellNeeds(ModelLeader leader) {
    if (!(leader.view.standing instanceof MoveStanding.Open)) {
      return;
    }
    long move = mutant == Mutant.NEEDS_OF_OLDER_MOVES ? Long.MAX_VALUE : leader.view.cameBy;
    var needs = new HashSet<>(leader.view.needs());
    for (int log = 0; log < LOGS; log++) {
      int other = log;
      send(() -> leaders.get(other).write(new ModelFrame.Needed(move, needs), () -> {}));
    }
  }

  private void operator() {
    if (isCalm) {
      return;
    }
    var move = store.newest().move();
    if (move == null) {
      store.begin(random.nextInt(LOGS));
    } else if (random.nextInt(12) == 0) {
      store.cancel(move);
    }
  }

  /** What the old leader wrote and nobody committed is lost from some point on. */
  private void changeLeader(int log) {
    var old = leaders.get(log);
    int kept = random.nextInt(old.pending.size() + 1);
    var next =
        new ModelLeader(log, store.nextTerm(log), committed.get(log), random.nextLong() >>> 2);
    next.pictureIndex = random.nextInt(store.count());
    old.pending.stream()
        .limit(kept)
        // Whoever waited for the old leader has been told nothing.
        .forEach(frame -> next.write(frame.frame(), () -> {}));
    leaders.set(log, next);
    old.depose();
    if (random.nextBoolean()) {
      deposed.add(old);
    }
    if (deposed.size() > 3) {
      deposed.removeFirst();
    }
  }

  private boolean isDrained() {
    if (store.newest().move() != null || leaders.stream().anyMatch(l -> !l.pending.isEmpty())) {
      return false;
    }
    for (int log = 0; log < LOGS; log++) {
      var standing = committed.get(log).standing;
      boolean isRight =
          store.newest().home() == log
              ? standing instanceof MoveStanding.Open
              : standing instanceof MoveStanding.Absent;
      if (!isRight) {
        return false;
      }
    }
    var needs = committed.get(store.newest().home()).needs();
    for (int producer = 0; producer < PRODUCERS; producer++) {
      if (acknowledged[producer] < sent[producer]) {
        return false;
      }
    }
    return objects.keySet().equals(needs);
  }

  private void checkEnd() {
    checkWhole(committed.get(store.newest().home()));
    for (int producer = 0; producer < PRODUCERS; producer++) {
      int next = 1;
      for (var record : truth) {
        if (record.producer() == producer) {
          require(record.sequence() == next++, "out of order: " + record);
        }
      }
      require(next > acknowledged[producer], "lost: producer " + producer + " from " + next);
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
