package io.tidelog.metadata.move;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what leaders here want of the moves of partitions: one transaction of a topic at a
 * time, for all that wait, since two would only refuse one another while the partitions take no
 * records. One that another node's came before is planned anew from what that one left. The
 * metadata lane owns it.
 */
final class HomeChanges {

  /** How often a change is planned anew because another one came first. */
  static final int MAX_ATTEMPTS = 16;

  /** Of one transaction; each compares the records of two logs. */
  static final int MAX_CHANGES = 50;

  private final MetadataStore store;
  private final ImageKeeper images;
  private final Lane lane;
  private final Consumer<PartitionMove> onDone;

  // Owned by the lane.
  private final Map<UUID, List<Wanted>> waiting = new HashMap<>();

  /** Topics with a transaction under way. */
  private final Set<UUID> changing = new HashSet<>();

  /**
   * @param isSwap or else the move is taken back
   */
  private record Wanted(PartitionMove move, boolean isSwap, CompletableFuture<Void> done) {}

  /**
   * @param onDone told of each move that is over by a change made here
   */
  HomeChanges(MetadataStore store, ImageKeeper images, Lane lane, Consumer<PartitionMove> onDone) {
    this.store = store;
    this.images = images;
    this.lane = lane;
    this.onDone = onDone;
  }

  /** As {@link io.tidelog.metadata.api.PartitionMoves#swapHome}; from any thread. */
  CompletionStage<Void> swap(PartitionMove move) {
    return want(new Wanted(move, true, new CompletableFuture<>()));
  }

  /** As {@link io.tidelog.metadata.api.PartitionMoves#cancel}; from any thread. */
  CompletionStage<Void> cancel(PartitionMove move) {
    return want(new Wanted(move, false, new CompletableFuture<>()));
  }

  private CompletionStage<Void> want(Wanted wanted) {
    lane.execute(
        () -> {
          var topic = wanted.move().partition().topicId();
          waiting.computeIfAbsent(topic, id -> new ArrayList<>()).add(wanted);
          if (changing.add(topic)) {
            begin(topic);
          }
        });
    return wanted.done();
  }

  private void begin(UUID topic) {
    if (waiting.containsKey(topic)) {
      attempt(topic, new ArrayList<>(), State.of(images.current(), topic), 1);
    } else {
      changing.remove(topic);
    }
  }

  /** Those that wait, as far as there is room, join those that were refused. */
  private void attempt(UUID topicId, List<Wanted> wanted, @Nullable State state, int attempt) {
    var more = waiting.remove(topicId);
    if (more != null) {
      int room = Math.min(more.size(), MAX_CHANGES - wanted.size());
      wanted.addAll(more.subList(0, room));
      if (room < more.size()) {
        waiting.put(topicId, new ArrayList<>(more.subList(room, more.size())));
      }
    }
    var planned = new ArrayList<Wanted>();
    var txn = state == null ? null : plan(wanted, state, planned);
    wanted.stream().filter(one -> !planned.contains(one)).forEach(one -> one.done().complete(null));
    if (state == null || txn == null || attempt > MAX_ATTEMPTS) {
      planned.forEach(one -> one.done().complete(null)); // asked again by who still wants it
      begin(topicId);
      return;
    }
    store
        .txn(txn)
        .whenCompleteAsync(
            (result, failure) -> {
              if (failure != null) {
                onFailed(failure, planned);
                begin(topicId);
              } else if (result.held()) {
                planned.forEach(one -> onDone.accept(one.move()));
                planned.forEach(one -> one.done().complete(null));
                begin(topicId);
              } else {
                var defaults = images.current().topicDefaults();
                attempt(topicId, planned, state.after(result, defaults), attempt + 1);
              }
            },
            lane);
  }

  /**
   * The transaction for those whose moves stand.
   *
   * @param planned gets them
   * @return null when there are none
   */
  private static @Nullable Txn plan(List<Wanted> wanted, State state, List<Wanted> planned) {
    var topic = state.topic();
    var homes = topic.homes();
    var logs = new LinkedHashMap<LogId, LogRecord>();
    for (var one : wanted) {
      var move = one.move();
      int partition = move.partition().partition();
      var from = state.logs().get(move.from());
      var to = state.logs().get(move.to());
      boolean stands = move.equals(StorePartitionMoves.moveOf(topic, partition));
      if (!stands || planned.stream().anyMatch(other -> other.move().equals(move))) {
        continue; // it is over, or is by what was asked before
      }
      if (!one.isSwap()) {
        homes = homes.withoutMove(partition);
        planned.add(one);
      } else if (from != null && to != null) {
        long base = homes.baseEpoch(partition) + from.term() + 1 - to.term();
        homes = homes.withHome(partition, move.to(), Math.toIntExact(Math.max(0, base)));
        logs.put(from.id(), from);
        logs.put(to.id(), to);
        planned.add(one);
      }
    }
    return planned.isEmpty() ? null : transaction(topic.withHomes(homes), logs.values());
  }

  private static Txn transaction(TopicImage topic, Iterable<LogRecord> logs) {
    var key = Keys.topic(topic.name());
    var compares = new ArrayList<Txn.Compare>();
    compares.add(Txn.Compare.unchangedSince(key, topic.modRevision()));
    logs.forEach(
        log -> compares.add(Txn.Compare.unchangedSince(Keys.log(log.id()), log.modRevision())));
    var elseOps = new ArrayList<Txn.Op>();
    compares.forEach(compare -> elseOps.add(new Txn.Op.Get(compare.key())));
    var put = Txn.when().put(key, StoredValues.topic(topic)).build();
    return new Txn(compares, put.thenOps(), elseOps);
  }

  private void onFailed(Throwable failure, List<Wanted> planned) {
    var cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof Fault.Uncertain) {
      var unused = images.refresh();
    }
    planned.forEach(one -> one.done().completeExceptionally(cause));
  }

  /**
   * What changes are reckoned from.
   *
   * @param logs as far as they are known
   */
  private record State(TopicImage topic, Map<LogId, LogRecord> logs) {

    static @Nullable State of(ClusterView view, UUID topicId) {
      var topic = view.topic(topicId);
      return topic == null ? null : new State(topic, view.members().logs());
    }

    /** As another one left it, which came first; what was not read is as before. */
    @Nullable State after(TxnResult result, TopicDefaults defaults) {
      TopicImage nextTopic = null;
      var nextLogs = new HashMap<>(logs);
      for (var entry : result.read()) {
        if (entry.key().equals(Keys.topic(topic.name()))) {
          nextTopic = StoredValues.topic(entry, defaults);
        } else {
          var log = StoredValues.log(entry);
          nextLogs.put(log.id(), log);
        }
      }
      return nextTopic == null ? null : new State(nextTopic, nextLogs);
    }
  }
}
