package io.tidelog.metadata.controller;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.LogRegistry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.ReplicaAdmin;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what an operator asks of replicas, from whichever node; on the metadata lane, one log
 * after the other. What others changed meanwhile, or what may have happened, is planned anew from
 * the newest picture.
 */
public final class ReplicaAdminService implements ReplicaAdmin {

  /** How often something is planned anew because another one came first. */
  static final int MAX_ATTEMPTS = 8;

  private final MetadataStore store;
  private final ImageKeeper images;
  private final LogRegistry registry;
  private final Handovers handovers;
  private final ReassignmentPlanner planner;
  private final Lane lane;

  public ReplicaAdminService(
      MetadataStore store,
      ImageKeeper images,
      LogRegistry registry,
      Handovers handovers,
      ReassignmentPlanner planner,
      Lane lane) {
    this.store = store;
    this.images = images;
    this.registry = registry;
    this.handovers = handovers;
    this.planner = planner;
    this.lane = lane;
  }

  @Override
  public CompletionStage<List<Outcome>> elect(
      Election election, @Nullable List<NamedPartition> partitions) {
    return fromNewest()
        .thenComposeAsync(
            view -> {
              var wanted = partitions == null ? allOf(view) : partitions;
              var electing = new Electing(view, election, wanted);
              return electing.run().thenApplyAsync(done -> electing.outcomes(partitions == null));
            },
            lane);
  }

  private static List<NamedPartition> allOf(ClusterView view) {
    var all = new ArrayList<NamedPartition>();
    for (var name : view.topicsByName().keySet().stream().sorted().toList()) {
      var topic = Objects.requireNonNull(view.topic(name), name);
      for (int i = 0; i < topic.partitionCount(); i++) {
        all.add(new NamedPartition(name, i));
      }
    }
    return all;
  }

  /** One request; each log is elected for once, whatever the number of its partitions. */
  private final class Electing {

    private final ClusterView view;
    private final Election election;
    private final Map<NamedPartition, LogId> homes = new LinkedHashMap<>();
    private final Map<NamedPartition, Fault> unknown = new HashMap<>();
    private final List<NamedPartition> wanted;

    /** What became of each log; null when it was elected for. */
    private final Map<LogId, @Nullable Fault> faults = new LinkedHashMap<>();

    private long shownRevision;

    Electing(ClusterView view, Election election, List<NamedPartition> wanted) {
      this.view = view;
      this.election = election;
      this.wanted = wanted;
      for (var partition : wanted) {
        var topic = view.topic(partition.topic());
        if (topic == null) {
          unknown.put(partition, noSuch("topic as " + partition.topic()));
        } else if (partition.partition() < 0 || partition.partition() >= topic.partitionCount()) {
          unknown.put(
              partition, noSuch("partition as " + partition.topic() + "-" + partition.partition()));
        } else {
          homes.put(partition, topic.homes().home(partition.partition()));
        }
      }
    }

    private static Fault noSuch(String what) {
      return new Fault.Refused(Refusal.UNKNOWN_TOPIC_OR_PARTITION, "No such " + what);
    }

    CompletionStage<@Nullable Void> run() {
      var last = done();
      for (var log : homes.values().stream().distinct().toList()) {
        last = last.thenComposeAsync(done -> elect(log, 1), lane);
      }
      return last.thenComposeAsync(done -> images.readSince(shownRevision), lane)
          .thenApply(read -> null);
    }

    private CompletionStage<@Nullable Void> elect(LogId id, int attempt) {
      return registry
          .read(id)
          .thenComposeAsync(log -> log == null ? gone(id) : elect(log, attempt), lane)
          .handleAsync(
              (done, failure) -> {
                if (failure != null) {
                  faults.put(id, faultOf(failure));
                }
                return null;
              },
              lane);
    }

    private CompletionStage<@Nullable Void> gone(LogId id) {
      throw new Fault.Retriable("log " + id + " is not known");
    }

    private CompletionStage<@Nullable Void> elect(LogRecord log, int attempt) {
      ReplicaId to;
      try {
        to = ElectionPlanner.plan(view, log, election);
      } catch (Fault.Refused e) {
        if (attempt > 1 && e.refusal() == Refusal.ELECTION_NOT_NEEDED) {
          return elected(log); // somebody else asked for the same
        }
        throw e;
      }
      return handovers
          .handOver(log, to)
          .handleAsync((done, failure) -> failure, lane)
          .thenCombineAsync(
              registry.read(log.id()),
              (failure, now) -> {
                boolean isElected =
                    now != null && now.leader() == to.nodeId() && now.term() > log.term();
                if (isElected) {
                  return elected(now);
                }
                if (attempt < MAX_ATTEMPTS) {
                  return elect(log.id(), attempt + 1);
                }
                throw new Fault.Retriable(
                    "the lead of log " + log.id() + " was not handed over", failure);
              },
              lane)
          .thenCompose(stage -> stage);
    }

    private CompletionStage<@Nullable Void> elected(LogRecord log) {
      shownRevision = Math.max(shownRevision, log.modRevision());
      faults.put(log.id(), null);
      return done();
    }

    List<Outcome> outcomes(boolean onlyNeeded) {
      var outcomes = new ArrayList<Outcome>();
      for (var partition : wanted) {
        var home = homes.get(partition);
        var fault = home == null ? unknown.get(partition) : faults.get(home);
        boolean isNeeded =
            !(fault instanceof Fault.Refused refused
                && refused.refusal() == Refusal.ELECTION_NOT_NEEDED);
        if (isNeeded || !onlyNeeded) {
          outcomes.add(new Outcome(partition, fault));
        }
      }
      return outcomes;
    }
  }

  @Override
  public CompletionStage<List<Outcome>> reassign(List<Reassignment> wishes, boolean sameFactor) {
    var reassigning = new Reassigner(wishes, sameFactor);
    return reassigning.run(1).thenApplyAsync(done -> reassigning.outcomes(), lane);
  }

  /** One request; wishes that another change came before are planned anew. */
  private final class Reassigner {

    private final List<Reassignment> wishes;
    private final boolean sameFactor;
    private final @Nullable Fault[] faults;
    private List<Integer> left = new ArrayList<>();

    /** Whether something was written since all was planned last. */
    private boolean progressed;

    /** Wishes that may have been fulfilled already, by their place. */
    private final List<Integer> uncertain = new ArrayList<>();

    Reassigner(List<Reassignment> wishes, boolean sameFactor) {
      this.wishes = wishes;
      this.sameFactor = sameFactor;
      this.faults = new Fault[wishes.size()];
      for (int i = 0; i < wishes.size(); i++) {
        left.add(i);
      }
    }

    CompletionStage<@Nullable Void> run(int attempt) {
      return fromNewest()
          .thenComposeAsync(
              view -> {
                var now = left;
                left = new ArrayList<>();
                progressed = false;
                now.forEach(wish -> faults[wish] = null);
                var plan = planner.plan(view, now.stream().map(wishes::get).toList(), sameFactor);
                plan.later().forEach(at -> left.add(now.get(at)));
                plan.refused().forEach((at, fault) -> onRefused(now.get(at), fault));
                var last = done();
                for (var change : plan.changes()) {
                  last = last.thenComposeAsync(done -> make(change, plan.nodes(), now), lane);
                }
                return last;
              },
              lane)
          .thenComposeAsync(done -> goOn(attempt), lane);
    }

    private void onRefused(int wish, Fault.Refused fault) {
      boolean isDone =
          fault.refusal() == Refusal.NO_REASSIGNMENT_IN_PROGRESS && uncertain.contains(wish);
      faults[wish] = isDone ? null : fault;
    }

    private CompletionStage<@Nullable Void> make(
        ReassignmentPlanner.Change change, List<Integer> nodes, List<Integer> now) {
      return store
          .txn(transaction(change, nodes))
          .handleAsync(
              (result, failure) -> {
                var fault = failure == null ? null : faultOf(failure);
                progressed |= fault == null && result.held();
                for (int at : change.wishes()) {
                  int wish = now.get(at);
                  if (fault == null ? !result.held() : fault instanceof Fault.Uncertain) {
                    left.add(wish);
                  }
                  if (fault instanceof Fault.Uncertain) {
                    uncertain.add(wish);
                  }
                  faults[wish] = fault;
                }
                return null;
              },
              lane);
    }

    /** A round that got something done is no failed attempt: there are fewer wishes. */
    private CompletionStage<@Nullable Void> goOn(int attempt) {
      if (!left.isEmpty() && (progressed || attempt < MAX_ATTEMPTS)) {
        return run(progressed ? 1 : attempt + 1);
      }
      for (int wish : left) {
        if (faults[wish] == null) {
          faults[wish] = new Fault.Retriable("it was changed by others at the same time");
        }
      }
      return fromNewest().thenApply(view -> null);
    }

    List<Outcome> outcomes() {
      var outcomes = new ArrayList<Outcome>();
      for (int i = 0; i < faults.length; i++) {
        outcomes.add(new Outcome(wishes.get(i).partition(), faults[i]));
      }
      return outcomes;
    }
  }

  private static Txn transaction(ReassignmentPlanner.Change change, List<Integer> nodes) {
    return switch (change) {
      case ReassignmentPlanner.LogChange ofLog -> transaction(ofLog, nodes);
      case PartitionMovePlanner.TopicChange ofTopic -> transaction(ofTopic, nodes);
    };
  }

  private static Txn transaction(ReassignmentPlanner.LogChange change, List<Integer> nodes) {
    var log = change.next();
    var key = Keys.reassignment(log.id());
    var txn =
        Txn.when(
            Txn.Compare.unchangedSince(Keys.log(log.id()), log.modRevision()),
            Txn.Compare.unchangedSince(key, change.knownRevision()));
    txn.put(Keys.log(log.id()), StoredValues.log(log));
    txn.put(Keys.placement(log.id()), StoredValues.placement(nodes));
    if (change.before() != null) {
      txn.put(key, StoredValues.reassignment(change.before()), Entry.NO_LEASE);
    } else if (change.knownRevision() != 0) {
      txn.delete(key);
    }
    return txn.build();
  }

  /** The logs that partitions go to stay where they are, as those that were reassigned do. */
  private static Txn transaction(PartitionMovePlanner.TopicChange change, List<Integer> nodes) {
    var topic = change.next();
    var key = Keys.topic(topic.name());
    var compares = new ArrayList<Txn.Compare>();
    compares.add(Txn.Compare.unchangedSince(key, topic.modRevision()));
    var puts = new ArrayList<Txn.Op>();
    puts.add(new Txn.Op.Put(key, StoredValues.topic(topic), Entry.NO_LEASE));
    for (var target : change.targets()) {
      compares.add(Txn.Compare.unchangedSince(Keys.log(target.id()), target.modRevision()));
    }
    for (var made : change.made()) {
      compares.addAll(made.compares());
      puts.addAll(made.puts());
    }
    change
        .logs()
        .forEach(
            log ->
                puts.add(
                    new Txn.Op.Put(
                        Keys.placement(log), StoredValues.placement(nodes), Entry.NO_LEASE)));
    return new Txn(compares, puts, List.of());
  }

  @Override
  public CompletionStage<List<Reassigning>> reassigning() {
    return fromNewest().thenApplyAsync(ReassignmentPlanner::underWay, lane);
  }

  /** The picture of all that is in the store now. */
  private CompletionStage<ClusterView> fromNewest() {
    Supplier<CompletionStage<Long>> refresh = images::refresh;
    return CompletableFuture.supplyAsync(refresh, lane)
        .thenCompose(read -> read)
        .thenApplyAsync(revision -> images.current(), lane);
  }

  private static CompletionStage<@Nullable Void> done() {
    return CompletableFuture.completedStage(null);
  }

  private static Fault faultOf(Throwable failure) {
    var cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof Fault fault
        ? fault
        : new Fault.Broken("a change of replicas failed", cause);
  }
}
