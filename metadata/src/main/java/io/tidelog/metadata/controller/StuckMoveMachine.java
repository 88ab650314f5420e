package io.tidelog.metadata.controller;

import io.tidelog.core.LogId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.controller.ControllerDecision.TakeBackMoves;
import io.tidelog.metadata.image.ClusterView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which moves of partitions nobody would ever finish: one of the two logs is gone, or has had no
 * leader for long. Memory only; it remembers nothing but since when logs that moves need have no
 * leader.
 */
final class StuckMoveMachine {

  private final long timeoutNs;
  private final Map<LogId, Long> unledSinceNs = new HashMap<>();

  StuckMoveMachine(long timeoutNs) {
    this.timeoutNs = timeoutNs;
  }

  /** Forgets since when things are so. */
  void reset() {
    unledSinceNs.clear();
  }

  /** About one topic at a time: it may be nearly as large as a transaction may be. */
  Optional<TakeBackMoves> decide(ClusterView view, long nowNs) {
    TakeBackMoves decision = null;
    var unled = new HashSet<LogId>();
    for (var name : view.moving()) {
      var topic = Objects.requireNonNull(view.topic(name), name);
      var stuck = new TreeMap<Integer, String>();
      topic
          .homes()
          .moves()
          .forEach(
              (partition, move) -> {
                for (var log : List.of(topic.homes().home(partition), move.to())) {
                  if (isLost(view, log, nowNs, unled)) {
                    stuck.put(partition, "log " + log.uuid() + " has no leader");
                  }
                }
              });
      if (!stuck.isEmpty()) {
        decision = new TakeBackMoves(without(topic, stuck.keySet()), stuck);
      }
    }
    unledSinceNs.keySet().retainAll(unled);
    return Optional.ofNullable(decision);
  }

  private boolean isLost(ClusterView view, LogId id, long nowNs, Set<LogId> unled) {
    var log = view.log(id);
    if (log == null) {
      return true;
    }
    if (log.leader() != LogRecord.NO_LEADER && view.registration(log.leader()) != null) {
      return false;
    }
    unled.add(id);
    long sinceNs = unledSinceNs.computeIfAbsent(id, one -> nowNs);
    return nowNs - sinceNs >= timeoutNs;
  }

  private static TopicImage without(TopicImage topic, Set<Integer> partitions) {
    var left = new TreeMap<>(topic.homes().moves());
    left.keySet().removeAll(partitions);
    return topic.withHomes(topic.homes().withMoves(left));
  }
}
