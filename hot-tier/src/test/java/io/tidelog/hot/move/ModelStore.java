package io.tidelog.hot.move;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.metadata.api.PartitionMoves.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The metadata store as far as one partition and some logs go: every state it was ever in. */
final class ModelStore {

  static final PartitionId PARTITION = new PartitionId(new UUID(0, 1), 0);

  /**
   * @param terms of each log's newest leader, which every change of it compares
   */
  record State(
      long revision, int home, long baseEpoch, @Nullable PartitionMove move, List<Long> terms) {

    Standing picture() {
      return new Standing(revision, id(home), (int) baseEpoch, move);
    }

    /** What clients are told. */
    long leaderEpoch() {
      return baseEpoch + terms.get(home);
    }
  }

  private final List<State> states = new ArrayList<>();

  ModelStore(int logs) {
    var terms = new ArrayList<Long>();
    for (int i = 0; i < logs; i++) {
      terms.add(1L);
    }
    states.add(new State(1, 0, 0, null, List.copyOf(terms)));
  }

  static LogId id(int log) {
    return new LogId(new UUID(0, log));
  }

  static int logOf(LogId id) {
    return (int) id.uuid().getLeastSignificantBits();
  }

  State newest() {
    return states.getLast();
  }

  State at(int index) {
    return states.get(index);
  }

  int count() {
    return states.size();
  }

  private void add(int home, long baseEpoch, @Nullable PartitionMove move, List<Long> terms) {
    var before = newest();
    var next = new State(before.revision() + 1, home, baseEpoch, move, List.copyOf(terms));
    boolean isOther = home != before.home();
    if (next.leaderEpoch() < before.leaderEpoch() + (isOther ? 1 : 0)) {
      throw new AssertionError("clients see no new leader epoch: " + before + " -> " + next);
    }
    states.add(next);
  }

  void begin(int to) {
    var now = newest();
    if (now.move() == null && now.home() != to) {
      var move = new PartitionMove(PARTITION, now.revision() + 1, id(now.home()), id(to));
      add(now.home(), now.baseEpoch(), move, now.terms());
    }
  }

  void cancel(PartitionMove move) {
    var now = newest();
    if (move.equals(now.move())) {
      add(now.home(), now.baseEpoch(), null, now.terms());
    }
  }

  long nextTerm(int log) {
    var now = newest();
    var terms = new ArrayList<>(now.terms());
    terms.set(log, terms.get(log) + 1);
    add(now.home(), now.baseEpoch(), now.move(), terms);
    return terms.get(log);
  }

  /**
   * @param read what the base epoch was reckoned from
   */
  void swap(PartitionMove move, State read, boolean comparesIntent, boolean comparesLogs) {
    var now = newest();
    int from = logOf(move.from());
    int to = logOf(move.to());
    boolean isSame =
        !comparesLogs
            || (now.terms().get(from).equals(read.terms().get(from))
                && now.terms().get(to).equals(read.terms().get(to)));
    boolean stands = !comparesIntent || move.equals(now.move());
    if (stands && isSame && now.home() == from) {
      long seen = read.baseEpoch() + read.terms().get(from);
      add(to, Math.max(0, seen + 1 - read.terms().get(to)), null, now.terms());
    }
  }
}
