package io.tidelog.metadata.topic;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.LedLogs;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MorePartitions;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Carries topic changes through: plan against the newest picture, one compare-and-write in the
 * store, the picture shows it, the hot tier follows, the caller hears of it. Owned by the metadata
 * lane, and many changes are under way at once; one whose compare fails is planned anew when the
 * picture has caught up. A crash leaves either nothing, or a topic that the hot tier is told of at
 * the next start.
 */
public final class TopicService implements TopicAdmin {

  /** How often a change is planned anew because another one came first. */
  static final int MAX_ATTEMPTS = 32;

  /** So long a picture is waited for before everything is read anew. */
  static final long SHOWN_PAUSE_NS = 200_000_000;

  private final MetadataStore store;
  private final ImageKeeper images;
  private final LedPartitions hotTier;
  private final TopicPlanner planner;
  private final Lane lane;
  private final Clock clock;

  // Owned by the lane.
  /** What waits until the picture has reached a revision, and then for the hot tier. */
  private final TreeMap<Long, List<Runnable>> waiting = new TreeMap<>();

  /** The hot tier's work for the step that reached a revision, while it lasts. */
  private final TreeMap<Long, CompletionStage<Void>> followUps = new TreeMap<>();

  /** Names on their way into the store, by what they may not be confused with. */
  private final Map<String, String> namesUnderWay = new HashMap<>();

  private final PartitionsUnderWay partitionsUnderWay = new PartitionsUnderWay();

  public TopicService(
      MetadataStore store,
      ImageKeeper images,
      LedLogs led,
      TopicPlanner planner,
      Lane lane,
      Clock clock) {
    this.store = store;
    this.images = images;
    this.hotTier = new LedPartitions(led, images, lane, clock);
    this.planner = planner;
    this.lane = lane;
    this.clock = clock;
  }

  /** Brings the hot tier to the current picture and follows from there; on the lane. */
  public CompletionStage<Void> start() {
    var caughtUp = hotTier.start();
    images.onStep(this::onStep);
    return caughtUp;
  }

  @Override
  public CompletionStage<TopicImage> create(NewTopic topic, boolean validateOnly) {
    return run(
        image -> {
          var plan = planner.planCreate(image, topic, partitionsUnderWay);
          var planned = plan.topic();
          var group = ClusterView.withoutDots(topic.name());
          var rival = namesUnderWay.get(group);
          if (rival != null && !rival.equals(topic.name())) {
            throw TopicPlanner.collision(topic.name(), rival);
          }
          if (validateOnly) {
            return Step.without(planned);
          }
          namesUnderWay.put(group, topic.name());
          partitionsUnderWay.add(planned.homes());
          return new Step<>(
              creation(plan),
              after -> newestOf(after, planned),
              after -> after.topic(planned.id()) != null,
              () -> {
                namesUnderWay.remove(group);
                partitionsUnderWay.remove(planned.homes());
              });
        });
  }

  private static Txn creation(PlannedTopic plan) {
    var key = Keys.topic(plan.topic().name());
    var compares = new ArrayList<>(List.of(Txn.Compare.absent(key)));
    var puts = new ArrayList<Txn.Op>();
    puts.add(new Txn.Op.Put(key, StoredValues.topic(plan.topic()), Entry.NO_LEASE));
    var newLogs = plan.newLogs();
    if (newLogs != null) {
      compares.addAll(newLogs.compares());
      puts.addAll(newLogs.puts());
    }
    return new Txn(compares, puts, List.of());
  }

  @Override
  public CompletionStage<Void> delete(UUID topicId) {
    return this.<@Nullable Void>run(
        image -> {
          var topic = image.topic(topicId);
          if (topic == null) {
            throw new Fault.Refused(
                Refusal.UNKNOWN_TOPIC_ID, "This server does not host this topic ID.");
          }
          var key = Keys.topic(topic.name());
          return new Step<>(
              Txn.when(Txn.Compare.unchangedSince(key, topic.modRevision())).delete(key).build(),
              after -> null,
              after -> after.topic(topicId) == null,
              () -> {});
        });
  }

  @Override
  public CompletionStage<TopicImage> addPartitions(MorePartitions request, boolean validateOnly) {
    return run(
        image ->
            replacing(
                planner.planMorePartitions(image, request, partitionsUnderWay),
                TopicService::hasPartitionsOf,
                validateOnly));
  }

  @Override
  public CompletionStage<TopicImage> alterConfigs(
      String name, ConfigUpdate update, boolean validateOnly) {
    return run(
        image ->
            replacing(
                planner.planConfigs(image, name, update),
                TopicService::hasConfigsOf,
                validateOnly));
  }

  @Override
  public CompletionStage<Map<String, String>> alterNodeConfigs(
      int nodeId, ConfigUpdate update, boolean validateOnly) {
    return run(
        image -> {
          var planned = planner.planNodeConfigs(image, nodeId, update);
          if (validateOnly) {
            return Step.without(planned);
          }
          var key = nodeId == ALL_NODES ? Keys.ALL_NODE_CONFIGS : Keys.nodeConfigs(nodeId);
          long modRevision = image.configRevisions().getOrDefault(key, 0L);
          return new Step<>(
              Txn.when(Txn.Compare.unchangedSince(key, modRevision))
                  .put(key, StoredValues.configs(planned))
                  .build(),
              after -> planned,
              after ->
                  planned.equals(
                      nodeId == ALL_NODES ? after.clusterConfigs() : after.nodeConfigs(nodeId)),
              () -> {});
        });
  }

  private static Step<TopicImage> replacing(
      TopicImage planned, BiPredicate<TopicImage, TopicImage> isMade, boolean validateOnly) {
    if (validateOnly) {
      return Step.without(planned);
    }
    var key = Keys.topic(planned.name());
    return new Step<>(
        Txn.when(Txn.Compare.unchangedSince(key, planned.modRevision()))
            .put(key, StoredValues.topic(planned))
            .build(),
        after -> newestOf(after, planned),
        after -> {
          var shown = after.topic(planned.id());
          return shown != null && isMade.test(shown, planned);
        },
        () -> {});
  }

  /** Where they live may have changed since. */
  private static boolean hasPartitionsOf(TopicImage shown, TopicImage planned) {
    return shown.partitionCount() >= planned.partitionCount();
  }

  private static boolean hasConfigsOf(TopicImage shown, TopicImage planned) {
    return shown.configs().equals(planned.configs());
  }

  private static TopicImage newestOf(ClusterView image, TopicImage planned) {
    return Objects.requireNonNullElse(image.topic(planned.id()), planned);
  }

  private <T extends @Nullable Object> CompletionStage<T> run(Function<ClusterView, Step<T>> plan) {
    var answer = new CompletableFuture<T>();
    lane.execute(() -> attempt(plan, 1, answer));
    return answer;
  }

  private <T extends @Nullable Object> void attempt(
      Function<ClusterView, Step<T>> plan, int attempt, CompletableFuture<T> answer) {
    Step<T> step;
    try {
      step = plan.apply(images.current());
    } catch (Fault e) {
      if (attempt == 1 && e instanceof Fault.Refused refused && isAboutPresence(refused)) {
        attemptFromNewest(plan, answer);
      } else {
        answer.completeExceptionally(e);
      }
      return;
    }
    var txn = step.txn();
    if (txn == null) {
      answer.complete(step.result().apply(images.current()));
      return;
    }
    store
        .txn(txn)
        .whenComplete(
            (result, failure) ->
                lane.execute(
                    () -> {
                      if (failure != null) {
                        onFailed(step, causeOf(failure), answer);
                      } else {
                        onDecided(plan, attempt, step, result, answer);
                      }
                    }));
  }

  /** Another node may have created or deleted it just before. */
  private static boolean isAboutPresence(Fault.Refused refused) {
    return switch (refused.refusal()) {
      case UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_ALREADY_EXISTS -> true;
      default -> false;
    };
  }

  /**
   * Plans once more when the picture shows all that is in the store now. The operation, which is
   * never carried out, makes etcd ask its other members how far they are.
   */
  private <T extends @Nullable Object> void attemptFromNewest(
      Function<ClusterView, Step<T>> plan, CompletableFuture<T> answer) {
    store
        .txn(Txn.when().elseGet(Keys.CLUSTER).build())
        .whenComplete(
            (result, failure) ->
                lane.execute(
                    () -> {
                      if (failure != null) {
                        answer.completeExceptionally(causeOf(failure));
                      } else {
                        expect(result.revision());
                        whenShown(result.revision(), () -> attempt(plan, 2, answer));
                      }
                    }));
  }

  /** What may have happened is looked up before anybody is told that it may not have. */
  private <T extends @Nullable Object> void onFailed(
      Step<T> step, Throwable failure, CompletableFuture<T> answer) {
    if (!(failure instanceof Fault.Uncertain)) {
      step.finished().run();
      answer.completeExceptionally(failure);
      return;
    }
    images
        .refresh()
        .whenComplete(
            (revision, unread) ->
                lane.execute(
                    () -> {
                      step.finished().run();
                      if (unread == null && step.isShown().test(images.current())) {
                        answerAfterHotTier(step, images.current().revision(), answer);
                      } else {
                        answer.completeExceptionally(failure);
                      }
                    }));
  }

  private static Throwable causeOf(Throwable failure) {
    var cause = failure instanceof CompletionException ? failure.getCause() : null;
    return cause == null ? failure : cause;
  }

  private <T extends @Nullable Object> void onDecided(
      Function<ClusterView, Step<T>> plan,
      int attempt,
      Step<T> step,
      TxnResult result,
      CompletableFuture<T> answer) {
    if (!result.held()) {
      expect(result.revision());
    }
    whenShown(
        result.revision(),
        () -> {
          step.finished().run();
          if (result.held()) {
            answerAfterHotTier(step, result.revision(), answer);
          } else if (attempt < MAX_ATTEMPTS) {
            attempt(plan, attempt + 1, answer);
          } else {
            answer.completeExceptionally(
                new Fault.Retriable("others changed the same thing " + MAX_ATTEMPTS + " times"));
          }
        });
  }

  /** A revision of somebody else's: the watch may have lost it, or have nothing to tell of it. */
  private void expect(long revision) {
    if (images.current().revision() < revision) {
      lane.executeAt(
          clock.monotonicNs() + SHOWN_PAUSE_NS,
          () -> {
            if (images.current().revision() < revision) {
              images.refresh();
            }
          });
    }
  }

  /** Runs {@code then} when the picture has reached {@code revision}, at once when it has. */
  private void whenShown(long revision, Runnable then) {
    if (images.current().revision() >= revision) {
      then.run();
    } else {
      waiting.computeIfAbsent(revision, r -> new ArrayList<>()).add(then);
    }
  }

  private <T extends @Nullable Object> void answerAfterHotTier(
      Step<T> step, long revision, CompletableFuture<T> answer) {
    var followUp = followUps.ceilingEntry(revision);
    CompletionStage<?> done =
        followUp == null ? CompletableFuture.completedStage(null) : followUp.getValue();
    done.whenComplete(
        (nothing, failure) ->
            lane.execute(
                () -> {
                  if (failure == null) {
                    answer.complete(step.result().apply(images.current()));
                  } else {
                    answer.completeExceptionally(failure);
                  }
                }));
  }

  private void onStep(ClusterView before, ClusterView after, Set<String> touched) {
    long revision = after.revision();
    var followUp = hotTier.follow(before, after, touched);
    followUps.put(revision, followUp);
    followUp.whenComplete(
        (nothing, failure) -> lane.execute(() -> followUps.remove(revision, followUp)));
    var shown = waiting.headMap(revision, true);
    var ready = shown.values().stream().flatMap(List::stream).toList();
    shown.clear();
    ready.forEach(Runnable::run);
  }

  /**
   * A planned change.
   *
   * @param txn null when there is nothing to write
   * @param result what the caller is told, from the picture that shows the change
   * @param isShown whether a picture shows that the change was made
   * @param finished to be run when the transaction is over, however it ended
   */
  private record Step<T extends @Nullable Object>(
      @Nullable Txn txn,
      Function<ClusterView, T> result,
      Predicate<ClusterView> isShown,
      Runnable finished) {

    static <T> Step<T> without(T result) {
      return new Step<>(null, image -> result, image -> true, () -> {});
    }
  }
}
