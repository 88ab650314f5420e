package io.tidelog.hot.move;

import io.tidelog.hot.move.ModelFrame.Cold;
import io.tidelog.hot.move.ModelFrame.Remembered;
import io.tidelog.hot.move.ModelFrame.Sent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The partition as the committed frames of one model log leave it; what a real view is to do. */
final class ModelView {

  MoveStanding standing = new MoveStanding.Absent();
  long baseEpoch;
  long logStart;
  long next;

  /** By which move it came here; 0 where it was made. */
  long cameBy;

  /** Records by offset, those in the cold tier included: a model does not run out of disk. */
  final TreeMap<Long, Sent> records = new TreeMap<>();

  List<Cold> cold = new ArrayList<>();
  Map<Integer, Remembered> producers = new HashMap<>();

  /** Objects kept for whoever has the partition now, by the move that took it away. */
  final Map<Long, Set<String>> kept = new HashMap<>();

  void apply(ModelFrame frame) {
    switch (frame) {
      case ModelFrame.Create create -> standing = new MoveStanding.Open();
      case ModelFrame.Append f -> append(f);
      case ModelFrame.Offload f -> {
        if (f.from() == coldEnd() && isWhole()) {
          cold.add(new Cold(f.object(), f.from(), f.to()));
        }
      }
      case ModelFrame.Retain f -> {
        if (standing instanceof MoveStanding.Open) { // a closed one stays as it was told
          retain(f.logStart());
        }
      }
      case ModelFrame.Close f -> {
        if (standing instanceof MoveStanding.Open) {
          standing = new MoveStanding.Closed(f.move(), next);
        }
      }
      case ModelFrame.Reopen f -> {
        if (isClosedFor(f.move())) {
          standing = new MoveStanding.Open();
        }
      }
      case ModelFrame.Release f -> release(f);
      case ModelFrame.Needed f ->
          kept.forEach(
              (move, objects) -> {
                if (move <= f.move()) {
                  objects.retainAll(f.objects());
                }
              });
      case ModelFrame.Begin f -> begin(f);
      case ModelFrame.Import f -> take(f);
      case ModelFrame.Finish f -> finish(f);
      case ModelFrame.Open f -> {
        if (standing.equals(new MoveStanding.Imported(f.move()))) {
          standing = new MoveStanding.Open();
          baseEpoch = f.baseEpoch();
          cameBy = f.move();
        }
      }
      case ModelFrame.Drop f -> {
        if (isImporting(f.move()) || standing.equals(new MoveStanding.Imported(f.move()))) {
          forget();
        }
      }
    }
  }

  private void append(ModelFrame.Append f) {
    if (!(standing instanceof MoveStanding.Open) || f.offset() != next) {
      throw new AssertionError("appended " + f + " at " + next + " while " + standing);
    }
    records.put(next, f.sent());
    producers.put(f.sent().producer(), new Remembered(f.sent().sequence(), next));
    next++;
  }

  private void retain(long start) {
    logStart = Math.max(logStart, start);
    records.headMap(logStart).clear();
    cold.removeIf(run -> run.to() <= logStart);
  }

  private void release(ModelFrame.Release f) {
    if (isClosedFor(f.move())) {
      var objects = new HashSet<String>();
      cold.forEach(run -> objects.add(run.object()));
      kept.put(f.move(), objects);
      forget();
    }
  }

  private void begin(ModelFrame.Begin f) {
    if (standing instanceof MoveStanding.Absent) {
      standing = new MoveStanding.Importing(f.move(), f.from());
      next = f.from();
      cold = new ArrayList<>(f.cold());
      cameBy = f.move();
    }
  }

  private void take(ModelFrame.Import f) {
    if (isImporting(f.move()) && f.from() == next) {
      for (var sent : f.records()) {
        records.put(next++, sent);
      }
      standing = new MoveStanding.Importing(f.move(), next);
    }
  }

  private void finish(ModelFrame.Finish f) {
    if (isImporting(f.move())) {
      producers = new HashMap<>(f.producers());
      retain(f.logStart());
      standing = new MoveStanding.Imported(f.move());
    }
  }

  private void forget() {
    standing = new MoveStanding.Absent();
    records.clear();
    cold = new ArrayList<>();
    producers = new HashMap<>();
    logStart = 0;
    next = 0;
  }

  private boolean isWhole() {
    return standing instanceof MoveStanding.Open || standing instanceof MoveStanding.Closed;
  }

  boolean isClosedFor(long move) {
    return standing instanceof MoveStanding.Closed closed && closed.epoch() == move;
  }

  private boolean isImporting(long move) {
    return standing instanceof MoveStanding.Importing importing && importing.epoch() == move;
  }

  long coldEnd() {
    return cold.isEmpty() ? logStart : Math.max(logStart, cold.getLast().to());
  }

  /** Objects that this log's view needs, as far as it made them itself, or others did. */
  Set<String> needs() {
    var needs = new HashSet<String>();
    cold.forEach(run -> needs.add(run.object()));
    return needs;
  }

  Set<String> live() {
    var live = needs();
    kept.values().forEach(live::addAll);
    return live;
  }

  ModelView copy() {
    var copy = new ModelView();
    copy.standing = standing;
    copy.baseEpoch = baseEpoch;
    copy.logStart = logStart;
    copy.next = next;
    copy.cameBy = cameBy;
    copy.records.putAll(records);
    copy.cold = new ArrayList<>(cold);
    copy.producers = new HashMap<>(producers);
    kept.forEach((move, objects) -> copy.kept.put(move, new HashSet<>(objects)));
    return copy;
  }
}
