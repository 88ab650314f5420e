package io.tidelog.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.PartitionHomes.Move;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.controller.ControllerDecision.ChangeLog;
import io.tidelog.metadata.controller.ControllerDecision.EndPlacement;
import io.tidelog.metadata.controller.ControllerDecision.EndReassignment;
import io.tidelog.metadata.controller.ControllerDecision.ForgetHistory;
import io.tidelog.metadata.controller.ControllerDecision.ForgetName;
import io.tidelog.metadata.controller.ControllerDecision.HandOver;
import io.tidelog.metadata.controller.ControllerDecision.MakeLogs;
import io.tidelog.metadata.controller.ControllerDecision.TakeBackMoves;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.placement.NewLogs;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Nodes, logs and replicas that behave, in memory, and the picture of them. */
final class ModelCluster {

  final Set<Integer> alive = new TreeSet<>();
  final ControllerMachine machine;
  private final String context;
  private long ids;
  private long revision = 1;
  ClusterView view = ClusterView.empty(1, TopicDefaults.of(Map.of())).atRevision(1);
  long nowNs = 5;

  ModelCluster(ControllerLimits limits, String context) {
    this.context = context;
    this.machine = new ControllerMachine(limits, () -> new LogId(new UUID(1, ++ids)));
  }

  void come(int id, @Nullable String rack) {
    var at = new Endpoint("node-" + id, 9092);
    put(
        Keys.node(id),
        StoredValues.node(
            new NodeRegistration(
                id,
                Set.of(NodeRole.HOT),
                null,
                at,
                at,
                rack,
                new UUID(id, revision),
                disk(id),
                false)));
    alive.add(id);
  }

  void die(int id) {
    apply(new WatchEvent.Deleted(Keys.node(id), ++revision));
    alive.remove(id);
  }

  void drain(int id, boolean wanted) {
    if (wanted) {
      put(Keys.drain(id), StoredValues.number(id));
    } else {
      apply(new WatchEvent.Deleted(Keys.drain(id), ++revision));
    }
  }

  boolean isDrained(int id) {
    return view.members().drains().contains(id);
  }

  void name(String name, int id) {
    put(Keys.nodeName(name), StoredValues.number(id));
  }

  static UUID disk(int id) {
    return new UUID(77, id);
  }

  void make(NewLogs logs) {
    for (var op : logs.puts()) {
      if (op instanceof Txn.Op.Put put) {
        put(put.key(), put.value());
      }
    }
  }

  void store(LogRecord log) {
    put(Keys.log(log.id()), StoredValues.log(log));
  }

  /** An operator has a log held elsewhere. */
  void reassign(LogRecord log, List<Integer> target) {
    put(Keys.reassignment(log.id()), StoredValues.reassignment(log.replicas()));
    put(Keys.placement(log.id()), StoredValues.placement(OperatorPlacements.nodes(view)));
    store(log.heldBy(target));
  }

  /** One partition, which is to move. */
  void move(String topic, LogId from, LogId to) {
    var moves = new TreeMap<>(Map.of(0, new Move(to, Move.BEGINS)));
    var image =
        new TopicImage(
            topic,
            UUID.nameUUIDFromBytes(topic.getBytes(StandardCharsets.UTF_8)),
            Map.of(),
            false,
            PartitionHomes.inOneLog(1, from).withMoves(moves),
            TopicDefaults.of(Map.of()).effective(Map.of()),
            0);
    put(Keys.topic(topic), StoredValues.topic(image));
  }

  /** Where a topic's only partition is to move, or null. */
  @Nullable Move moveOf(String topic) {
    return Objects.requireNonNull(view.topic(topic)).homes().move(0);
  }

  private void put(String key, byte[] value) {
    revision++;
    apply(new WatchEvent.Put(new Entry(key, value, revision, revision, Entry.NO_LEASE)));
  }

  private void apply(WatchEvent event) {
    view = view.after(event).atRevision(revision);
  }

  /**
   * What the replicas do: dead ones leave the set, the rest elects, and who is missing catches up.
   */
  void replicasAct(LogRecord log, boolean catchUp) {
    var next = log;
    int leader = log.leader();
    if (leader == LogRecord.NO_LEADER || !alive.contains(leader)) {
      var candidate =
          Stream.concat(log.inSync().stream(), log.electable().stream())
              .filter(member -> alive.contains(member.nodeId()))
              .findFirst();
      if (candidate.isEmpty()) {
        return;
      }
      next = log.takenOverBy(candidate.get(), log.term() + 1);
    } else {
      var dead = new HashSet<ReplicaId>();
      for (var member : log.inSync()) {
        if (!alive.contains(member.nodeId())) {
          dead.add(member);
        }
      }
      if (!dead.isEmpty()) {
        next = log.shrunkBy(dead);
      } else if (catchUp) {
        for (int id : log.replicas()) {
          var replica = new ReplicaId(id, disk(id));
          if (alive.contains(id) && !log.inSync().contains(replica)) {
            next = log.grownBy(replica);
            break;
          }
        }
      }
    }
    if (!next.equals(log)) {
      store(next);
    }
  }

  /** The machine's turn; says whether it wanted something. */
  boolean controllerActs() {
    var decisions = machine.decide(view, nowNs);
    var about = new HashSet<LogId>();
    for (var decision : decisions) {
      switch (decision) {
        case MakeLogs make -> make(make.logs());
        case ChangeLog change -> {
          assertThat(about.add(change.next().id())).as(context).isTrue();
          check(change);
          store(change.next());
        }
        case HandOver handOver -> {
          assertThat(about.add(handOver.log().id())).as(context).isTrue();
          assertThat(handOver.log().inSync()).as(context).contains(handOver.to());
          assertThat(alive).as(context).contains(handOver.to().nodeId());
          store(handOver.log().handedTo(handOver.to(), handOver.log().term() + 1));
        }
        case EndReassignment end ->
            apply(new WatchEvent.Deleted(Keys.reassignment(end.log()), ++revision));
        case EndPlacement end ->
            apply(new WatchEvent.Deleted(Keys.placement(end.log()), ++revision));
        case TakeBackMoves back ->
            put(Keys.topic(back.next().name()), StoredValues.topic(back.next()));
        case ForgetName forget ->
            apply(new WatchEvent.Deleted(Keys.nodeName(forget.name()), ++revision));
        case ForgetHistory forget -> {}
      }
    }
    return !decisions.isEmpty();
  }

  private void check(ChangeLog change) {
    var next = change.next();
    var before = view.log(next.id());
    var where = context + " " + change.why() + " " + before + " -> " + next;
    assertThat(before).as(where).isNotNull();
    if (before == null) {
      return;
    }
    assertThat(next.modRevision()).as(where).isEqualTo(before.modRevision());
    if (before.commits()) {
      assertThat(next.commits()).as(where).isTrue();
    }
    var gone = new HashSet<>(before.replicas());
    next.replicas().forEach(gone::remove);
    assertThat(gone.size()).as(where).isLessThan(2);
    if (!gone.isEmpty()) {
      // One change at a time: the one before is over.
      assertThat(before.inSync())
          .as(where)
          .allMatch(member -> before.replicas().contains(member.nodeId()));
    }
    for (var left : before.inSync()) {
      if (!next.inSync().contains(left)) {
        for (int id : next.replicas()) {
          if (alive.contains(id)) {
            assertThat(next.inSync()).as(where).anyMatch(member -> member.nodeId() == id);
          }
        }
      }
    }
  }

  /** Everybody acts in turn until nobody has anything to do. */
  void settle() {
    for (int round = 0; round < 2_000; round++) {
      nowNs += 1_000_000_000L;
      boolean acted = controllerActs();
      var before = view.revision();
      for (var log : List.copyOf(view.logs())) {
        replicasAct(log, true);
      }
      if (!acted && view.revision() == before && nowNs > waitsUntilNs(round)) {
        return;
      }
    }
    throw new AssertionError(context + " never settles: " + view.logs());
  }

  /** Leads are given back after a while: that long nothing may happen. */
  private long waitsUntilNs(int round) {
    return round > 400 ? 0 : Long.MAX_VALUE;
  }
}
