package io.tidelog.metadata.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * A random life of one log, in which followers do what they must: they copy the leader's log of its
 * term, cut what differs, and are in sync when they have all of it. A disk's log is a list of
 * terms.
 */
final class LogRecordWalk {

  private final int seed;
  private final Random random;
  private final Map<ReplicaId, List<Long>> disks = new LinkedHashMap<>();
  private final Map<Integer, ReplicaId> diskOfNode = new LinkedHashMap<>();
  private List<Long> committed = List.of();
  private LogRecord record;
  private int disksMade;

  LogRecordWalk(int seed) {
    this.seed = seed;
    this.random = new Random(seed);
    int replicas = 1 + random.nextInt(4);
    var nodes = IntStream.range(0, replicas).boxed().toList();
    nodes.forEach(this::newDisk);
    record =
        new LogRecord(
            new LogId(new UUID(0, seed)),
            nodes,
            1 + random.nextInt(replicas),
            List.copyOf(diskOfNode.values()),
            List.of(),
            LogRecord.NO_LEADER,
            0,
            1);
    for (int spare = replicas; spare < replicas + 2; spare++) {
      newDisk(spare);
    }
  }

  private ReplicaId newDisk(int node) {
    var id = new ReplicaId(node, new UUID(node, ++disksMade));
    disks.put(id, new ArrayList<>());
    diskOfNode.put(node, id);
    return id;
  }

  void walk(int steps) {
    for (int step = 0; step < steps; step++) {
      var before = record;
      switch (random.nextInt(7)) {
        case 0 -> takeOver();
        case 1, 2 -> append();
        case 3 -> copy();
        case 4 -> grow();
        case 5 -> shrink();
        default -> moveOrWipe();
      }
      check(before, step);
    }
  }

  private void takeOver() {
    var candidates =
        diskOfNode.values().stream()
            .filter(record::mayLead)
            .filter(candidate -> random.nextBoolean())
            .toList();
    if (!candidates.isEmpty()) {
      var candidate = candidates.get(random.nextInt(candidates.size()));
      long term = record.term() + 1 + random.nextInt(2);
      boolean isHandedOver = leads() && record.inSync().contains(candidate) && random.nextBoolean();
      record =
          isHandedOver ? record.handedTo(candidate, term) : record.takenOverBy(candidate, term);
    }
  }

  private void append() {
    if (leads()) {
      log(leader()).add(record.term());
      commit();
    }
  }

  /** One replica cuts what differs from the leader's log, and copies some of what follows. */
  private void copy() {
    if (leads()) {
      var id = anyDisk();
      var source = log(leader());
      if (!id.equals(leader())) {
        int least = common(log(id), source);
        int length = least + random.nextInt(source.size() - least + 1);
        disks.put(id, new ArrayList<>(source.subList(0, length)));
      }
      commit();
    }
  }

  private void grow() {
    var id = anyDisk();
    if (leads() && id.nodeId() != record.leader()) {
      disks.put(id, new ArrayList<>(log(leader())));
      record = record.grownBy(id);
      commit();
    }
  }

  private void shrink() {
    var others =
        record.inSync().stream().filter(member -> member.nodeId() != record.leader()).toList();
    if (leads() && !others.isEmpty()) {
      record = record.shrunkBy(Set.of(others.get(random.nextInt(others.size()))));
      commit();
    }
  }

  /** Only a disk that no right to lead rests on is lost: losing others is beyond any promise. */
  private void moveOrWipe() {
    var id = anyDisk();
    if (random.nextBoolean()) {
      var nodes = new ArrayList<>(record.replicas());
      if (!nodes.contains(id.nodeId())) {
        nodes.set(random.nextInt(nodes.size()), id.nodeId());
        record = record.heldBy(nodes);
      }
    } else if (!record.mayLead(id)) {
      disks.remove(id);
      newDisk(id.nodeId());
    }
  }

  private boolean leads() {
    return record.leader() != LogRecord.NO_LEADER && record.inSync().contains(leader());
  }

  private void commit() {
    if (record.commits()) {
      var log = log(leader());
      int least =
          record.inSync().stream().mapToInt(member -> common(log(member), log)).min().orElseThrow();
      if (least > committed.size()) {
        committed = List.copyOf(log.subList(0, least));
      }
    }
  }

  private static int common(List<Long> log, List<Long> other) {
    int length = 0;
    while (length < Math.min(log.size(), other.size())
        && log.get(length).equals(other.get(length))) {
      length++;
    }
    return length;
  }

  private ReplicaId leader() {
    return diskOfNode.getOrDefault(record.leader(), new ReplicaId(-1, new UUID(0, 0)));
  }

  private ReplicaId anyDisk() {
    var all = List.copyOf(diskOfNode.values());
    return all.get(random.nextInt(all.size()));
  }

  private List<Long> log(ReplicaId id) {
    return disks.getOrDefault(id, List.of());
  }

  private void check(LogRecord before, int step) {
    var where = "seed " + seed + " step " + step + " " + before + " -> " + record;
    assertThat(record.term()).as(where).isGreaterThanOrEqualTo(before.term());
    assertThat(record.inSync()).as(where).isNotEmpty();
    if (record.leader() != LogRecord.NO_LEADER) {
      assertThat(record.inSync()).as(where).anyMatch(m -> m.nodeId() == record.leader());
    }
    if (record.leader() != before.leader()) {
      assertThat(record.term()).as(where).isGreaterThan(before.term());
    }
    if (record.commits()) {
      assertThat(record.electable()).as(where).isEmpty();
    }
    for (var id : disks.keySet()) {
      if (record.mayLead(id)) {
        assertThat(common(log(id), committed)).as(where).isEqualTo(committed.size());
      }
    }
  }
}
