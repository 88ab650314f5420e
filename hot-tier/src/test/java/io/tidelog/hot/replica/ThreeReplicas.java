package io.tidelog.hot.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.leader.Durability;
import io.tidelog.metadata.api.LogRecord;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * Three replicas with the same log, whose messages take a millisecond, and what the record says.
 */
abstract class ThreeReplicas {

  static final long MS = 1_000_000;
  static final long TERM = 5;

  /** Of every log. */
  static final long END = 4_096;

  static final ReplicaConfig CONFIG = ReplicaConfig.DEFAULT;

  final List<ReplicaMachine> replicas = new ArrayList<>();
  private final ArrayDeque<Runnable> underWay = new ArrayDeque<>();
  LogRecord record =
      new LogRecord(
          new LogId(new UUID(0, 1)),
          List.of(0, 1, 2),
          2,
          List.of(replica(0), replica(1), replica(2)),
          List.of(),
          0,
          TERM,
          1);
  long nowNs = 1;

  /** So many are neither carried out nor answered. */
  int lostProposals;

  /** Nodes that do nothing more. */
  final Set<Integer> dead = new HashSet<>();

  /** Sees the record before the others do, or -1. */
  int firstToKnow = -1;

  /** Followers that a leader has opened a stream to. */
  final List<Integer> opened = new ArrayList<>();

  /** Nodes that opened their log no more. */
  final Set<Integer> left = new HashSet<>();

  /** Followers answer heartbeats. */
  boolean isAcknowledging;

  /** Node 1, which all others acknowledge from now on. */
  final ReplicaMachine leadWithAllInSync(int seed) {
    begin(seed);
    isAcknowledging = true;
    record = record.handedTo(replica(1), TERM + 1).at(record.modRevision() + 1);
    replicas.forEach(replica -> replica.onRecord(record, nowNs));
    var leader = replicas.get(1);
    while (!leader.isLeading() || record.inSync().size() < 3) {
      step();
      assertThat(nowNs / MS).isLessThan(CONFIG.silenceNs() / MS);
    }
    return leader;
  }

  final void stepUntilLedBy(int node) {
    opened.clear();
    carryOutAll(1, replicas.get(1));
    while (!replicas.get(node).isLeading()) {
      step();
      assertThat(nowNs / MS).isLessThan(2 * CONFIG.silenceNs() / MS);
    }
  }

  /** The leader in the record is an earlier process of node 0, so that nobody leads. */
  final void begin(int seed) {
    for (int node = 0; node < 3; node++) {
      var parts =
          new ReplicaMachine.Parts(
              replica(node), CONFIG, Durability.FSYNC, log(node), Promise.NONE, Set.of());
      var machine = new ReplicaMachine(parts, new Random(seed * 10L + node));
      replicas.add(machine);
      machine.onOpened(nowNs);
      machine.onLive(Set.of(0, 1, 2));
      machine.onRecord(record, nowNs);
    }
    for (int node = 1; node < 3; node++) {
      replicas.get(node).onMessage(0, heartbeat(), nowNs);
    }
    for (int node = 0; node < 3; node++) {
      replicas.get(node).poll(); // what was wanted before is over
    }
  }

  LocalLog log(int node) {
    return new StillLog(END, TERM);
  }

  private static ReplicaMessage heartbeat() {
    return new ReplicaMessage.Append(TERM, 0, END, 0, END, 1, ByteBuffer.allocate(0));
  }

  final void step() {
    nowNs += MS;
    int delivered = underWay.size();
    for (int i = 0; i < delivered; i++) {
      underWay.remove().run();
    }
    for (int node = 0; node < 3; node++) {
      if (dead.contains(node)) {
        continue;
      }
      var machine = replicas.get(node);
      machine.onTick(nowNs);
      carryOutAll(node, machine);
      if (isAcknowledging) {
        machine.onCarriedOut();
        carryOutAll(node, machine);
      }
    }
  }

  /** Whoever is the first to know has said so to the others before they know. */
  private void tellOfRecord() {
    var told = record;
    if (firstToKnow < 0) {
      replicas.forEach(replica -> replica.onRecord(told, nowNs));
      return;
    }
    replicas.get(firstToKnow).onRecord(told, nowNs);
    carryOutAll(firstToKnow, replicas.get(firstToKnow));
    underWay.add(() -> underWay.add(() -> replicas.forEach(each -> each.onRecord(told, nowNs))));
  }

  final void carryOutAll(int node, ReplicaMachine machine) {
    for (var effect = machine.poll(); effect != null; effect = machine.poll()) {
      carryOut(node, machine, effect);
    }
  }

  private void carryOut(int node, ReplicaMachine machine, ReplicaEffect effect) {
    switch (effect) {
      case ReplicaEffect.Send send ->
          underWay.add(
              () -> {
                if (send.message() instanceof ReplicaMessage.Opened) {
                  opened.add(send.nodeId());
                }
                if (!dead.contains(send.nodeId())) {
                  replicas.get(send.nodeId()).onMessage(node, sent(node, send.message()), nowNs);
                }
              });
      case ReplicaEffect.KeepPromise keep ->
          underWay.add(() -> machine.onPromised(keep.promise(), nowNs));
      case ReplicaEffect.Propose propose ->
          underWay.add(
              () -> {
                if (lostProposals > 0) {
                  lostProposals--;
                  return;
                }
                if (propose.next().modRevision() == record.modRevision()) {
                  record = propose.next().at(record.modRevision() + 1);
                }
                tellOfRecord();
              });
      case ReplicaEffect.ReadRecord read -> underWay.add(() -> machine.onRecord(record, nowNs));
      case ReplicaEffect.Lead lead -> machine.onLeading(END, nowNs);
      case ReplicaEffect.Depose depose -> {
        if (depose.isLast()) {
          left.add(node);
        } else {
          machine.onOpened(nowNs);
        }
      }
      case ReplicaEffect.SendRange range -> onRange(range);
      default -> {}
    }
  }

  /** What arrives of a message. */
  ReplicaMessage sent(int from, ReplicaMessage message) {
    return message;
  }

  /** A leader has bytes to send; they are not sent. */
  void onRange(ReplicaEffect.SendRange range) {}

  static ReplicaId replica(int node) {
    return new ReplicaId(node, new UUID(node, node));
  }
}
