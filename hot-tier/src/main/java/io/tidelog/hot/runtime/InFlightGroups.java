package io.tidelog.hot.runtime;

import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.view.LogView;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The groups that are written and not committed, oldest first, and who waits for them. Applies them
 * to the view when they are committed. Owned by the log's lane.
 */
final class InFlightGroups {

  private final LogView view;
  private final LogLeader leader;
  private final ArrayDeque<WrittenGroup> groups;

  /**
   * @param first what was written before this term
   */
  InFlightGroups(LogView view, LogLeader leader, Collection<WrittenGroup> first) {
    this.view = view;
    this.leader = leader;
    this.groups = new ArrayDeque<>(first);
  }

  boolean isEmpty() {
    return groups.isEmpty();
  }

  void add(WrittenGroup group) {
    groups.add(group);
  }

  /** Tells the waiter when all of them are as far as it waits for; there is at least one. */
  void waitForAll(CommitWaiter waiter) {
    if (!Answers.tellWritten(waiter)) {
      groups.getLast().waiters().add(waiter);
    }
  }

  /** The leader's machine counts them as given out, as far as they are here. */
  void tellPending() {
    groups.forEach(group -> group.tellPending(leader));
  }

  /** Answers those who do not wait until enough replicas are in sync again. */
  void tellNotEnoughReplicas() {
    groups.forEach(
        group -> group.waiters().removeIf(waiter -> Answers.tellNotEnoughReplicas(waiter)));
  }

  /**
   * Applies what is committed, and leaves it here until {@link #answer}.
   *
   * @param touched takes the partitions that were changed
   * @return how many groups
   */
  int apply(long commitLsn, Set<Integer> touched) {
    int applied = 0;
    for (var group : groups) {
      if (group.endLsn() > commitLsn) {
        break;
      }
      apply(group, touched);
      applied++;
    }
    return applied;
  }

  private void apply(WrittenGroup group, Set<Integer> touched) {
    for (var entry : group.entries()) {
      switch (entry) {
        case WrittenGroup.Records records -> {
          view.apply(records.records(), records.place());
          leader.onCommitted(records.records());
          touched.add(records.records().partitionRef());
        }
        case WrittenGroup.Control control -> {
          view.apply(control.frame(), control.place());
          leader.onCommitted(control.frame());
          if (control.frame().partitionRef() >= 0) {
            touched.add(control.frame().partitionRef());
          }
        }
      }
    }
  }

  /**
   * The oldest groups are committed and published: they go, and who waited for them is told.
   *
   * @return how many waited
   */
  int answer(int count) {
    int answered = 0;
    for (int i = 0; i < count; i++) {
      var waiters = groups.removeFirst().waiters();
      waiters.forEach(waiter -> Answers.tell(waiter::onCommitted));
      answered += waiters.size();
    }
    return answered;
  }

  /** Gives up all of them: who waits for them is to be told by the caller. */
  void drainTo(List<CommitWaiter> waiters) {
    groups.forEach(group -> waiters.addAll(group.waiters()));
    groups.clear();
  }
}
