package io.tidelog.metadata.topic;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.PartitionHost;
import io.tidelog.metadata.api.ConfigUpdate;
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
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
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

  private final MetadataStore store;
  private final ImageKeeper images;
  private final PartitionFollower hotTier;
  private final TopicPlanner planner;
  private final Lane lane;

  // Owned by the lane.
  /** What waits until the picture has reached a revision, and then for the hot tier. */
  private final TreeMap<Long, List<Runnable>> waiting = new TreeMap<>();

  /** The hot tier's work for the step that reached a revision, while it lasts. */
  private final TreeMap<Long, CompletionStage<Void>> followUps = new TreeMap<>();

  /** Names on their way into the store, by what they may not be confused with. */
  private final Map<String, String> namesUnderWay = new HashMap<>();

  private int partitionsUnderWay;

  public TopicService(
      MetadataStore store,
      ImageKeeper images,
      PartitionHost host,
      TopicPlanner planner,
      Lane lane,
      Clock clock) {
    this.store = store;
    this.images = images;
    this.hotTier = new PartitionFollower(new PartitionReconciler(host), images, lane, clock);
    this.planner = planner;
    this.lane = lane;
  }

  /** Brings the hot tier to the current picture and follows from there; on the lane. */
  public CompletionStage<Void> start() {
    var caughtUp = hotTier.catchUp();
    images.onStep(this::onStep);
    return caughtUp;
  }

  @Override
  public CompletionStage<TopicImage> create(NewTopic topic, boolean validateOnly) {
    return run(
        image -> {
          var planned = planner.planCreate(image, topic, partitionsUnderWay);
          var group = ClusterView.withoutDots(topic.name());
          var rival = namesUnderWay.get(group);
          if (rival != null && !rival.equals(topic.name())) {
            throw TopicPlanner.collision(topic.name(), rival);
          }
          var key = Keys.topic(topic.name());
          if (validateOnly) {
            return Step.without(planned);
          }
          namesUnderWay.put(group, topic.name());
          partitionsUnderWay += planned.partitionCount();
          return new Step<>(
              Txn.when(Txn.Compare.absent(key)).put(key, StoredValues.topic(planned)).build(),
              after -> newestOf(after, planned),
              () -> {
                namesUnderWay.remove(group);
                partitionsUnderWay -= planned.partitionCount();
              });
        });
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
              () -> {});
        });
  }

  @Override
  public CompletionStage<TopicImage> addPartitions(MorePartitions request, boolean validateOnly) {
    return run(image -> replacing(planner.planMorePartitions(image, request), validateOnly));
  }

  @Override
  public CompletionStage<TopicImage> alterConfigs(
      String name, ConfigUpdate update, boolean validateOnly) {
    return run(image -> replacing(planner.planConfigs(image, name, update), validateOnly));
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
              () -> {});
        });
  }

  private static Step<TopicImage> replacing(TopicImage planned, boolean validateOnly) {
    if (validateOnly) {
      return Step.without(planned);
    }
    var key = Keys.topic(planned.name());
    return new Step<>(
        Txn.when(Txn.Compare.unchangedSince(key, planned.modRevision()))
            .put(key, StoredValues.topic(planned))
            .build(),
        after -> newestOf(after, planned),
        () -> {});
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
      answer.completeExceptionally(e);
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
                        step.finished().run();
                        answer.completeExceptionally(failure);
                      } else {
                        onDecided(plan, attempt, step, result, answer);
                      }
                    }));
  }

  private <T extends @Nullable Object> void onDecided(
      Function<ClusterView, Step<T>> plan,
      int attempt,
      Step<T> step,
      TxnResult result,
      CompletableFuture<T> answer) {
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
   * @param finished to be run when the transaction is over, however it ended
   */
  private record Step<T extends @Nullable Object>(
      @Nullable Txn txn, Function<ClusterView, T> result, Runnable finished) {

    static <T> Step<T> without(T result) {
      return new Step<>(null, image -> result, () -> {});
    }
  }
}
