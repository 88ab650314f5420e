package io.tidelog.metadata.placement;

import io.tidelog.metadata.api.LogRecord;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many replicas each node has of some logs; filled by one planner, for one plan. */
final class ReplicaCounts {

  private final Map<Integer, Integer> held = new HashMap<>();
  private final Map<Integer, Integer> led = new HashMap<>();
  private final Map<Pair, Integer> followed = new HashMap<>();

  private record Pair(int leader, int follower) {}

  ReplicaCounts(Collection<LogRecord> logs) {
    logs.forEach(log -> add(log.replicas()));
  }

  void add(List<Integer> replicas) {
    count(replicas, 1);
  }

  void remove(List<Integer> replicas) {
    count(replicas, -1);
  }

  private void count(List<Integer> replicas, int by) {
    int leader = replicas.getFirst();
    led.merge(leader, by, Integer::sum);
    for (int node : replicas) {
      held.merge(node, by, Integer::sum);
      if (node != leader) {
        followed.merge(new Pair(leader, node), by, Integer::sum);
      }
    }
  }

  /** Replicas on a node. */
  int held(int node) {
    return held.getOrDefault(node, 0);
  }

  /** Logs that a node is the preferred leader of. */
  int led(int node) {
    return led.getOrDefault(node, 0);
  }

  /** Logs of a preferred leader that have a follower on a node. */
  int followed(int leader, int node) {
    return followed.getOrDefault(new Pair(leader, node), 0);
  }
}
