package io.tidelog.metadata.topic;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionHost;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Has one log hold the partitions that the picture says are at home in it, and no others. Called on
 * the metadata lane only, in the order of the pictures. Keeps nothing: a crash between the store's
 * commit and the hot tier's is healed by {@link #reconcile} when the next term begins.
 */
final class PartitionReconciler {

  private final LogId log;
  private final PartitionHost host;

  /**
   * @param host of this log's partitions alone
   */
  PartitionReconciler(LogId log, PartitionHost host) {
    this.log = log;
    this.host = host;
  }

  /**
   * Compares the whole picture with what the log holds. Only partitions of topics that exist no
   * more are closed: one that lives elsewhere now is its move's affair.
   */
  CompletionStage<Void> reconcile(ClusterImage image) {
    var open = new ArrayList<PartitionSpec>();
    for (var topic : image.topics()) {
      addSpecs(topic, 0, open);
    }
    var close = host.partitions().stream().filter(id -> image.topic(id.topicId()) == null).toList();
    return carryOut(open, close, Map.of());
  }

  /** Carries one step of the picture over; {@code touched} names the topics that may differ. */
  CompletionStage<Void> carryOver(ClusterImage before, ClusterImage after, Set<String> touched) {
    var open = new ArrayList<PartitionSpec>();
    var close = new ArrayList<PartitionId>();
    var configure = new HashMap<PartitionConfig, List<PartitionId>>();
    for (var name : touched) {
      compare(before.topic(name), after.topic(name), open, close, configure);
    }
    return carryOut(open, close, configure);
  }

  private void compare(
      @Nullable TopicImage old,
      @Nullable TopicImage topic,
      List<PartitionSpec> open,
      List<PartitionId> close,
      Map<PartitionConfig, List<PartitionId>> configure) {
    boolean same = old != null && topic != null && old.id().equals(topic.id());
    if (old != null && !same) {
      addIds(old, old.partitionCount(), close);
    }
    if (topic == null) {
      return;
    }
    int known = same && old != null ? old.partitionCount() : 0;
    addSpecs(topic, known, open);
    if (same && old != null && !old.homes().runs().equals(topic.homes().runs())) {
      addMovedIn(old, topic, open);
    }
    var config = topic.effective().partition();
    if (same && old != null && !config.equals(old.effective().partition())) {
      var changed = new ArrayList<PartitionId>();
      addIds(topic, known, changed);
      if (!changed.isEmpty()) {
        configure.computeIfAbsent(config, c -> new ArrayList<>()).addAll(changed);
      }
    }
  }

  private CompletionStage<Void> carryOut(
      List<PartitionSpec> open,
      List<PartitionId> close,
      Map<PartitionConfig, List<PartitionId>> configure) {
    var steps = new ArrayList<CompletableFuture<Void>>();
    if (!close.isEmpty()) {
      steps.add(host.close(List.copyOf(close)).toCompletableFuture());
    }
    if (!open.isEmpty()) {
      steps.add(host.open(List.copyOf(open)).toCompletableFuture());
    }
    configure.forEach(
        (config, ids) -> steps.add(host.configure(ids, config).toCompletableFuture()));
    return CompletableFuture.allOf(steps.toArray(CompletableFuture[]::new));
  }

  private void addSpecs(TopicImage topic, int from, List<PartitionSpec> specs) {
    int partition = 0;
    var config = topic.effective().partition();
    for (var run : topic.homes().runs()) {
      for (int i = 0; i < run.count(); i++, partition++) {
        if (partition >= from && run.log().equals(log)) {
          specs.add(new PartitionSpec(topic.partition(partition), run.baseEpoch(), config));
        }
      }
    }
  }

  /** Its move opens it; the settings may have changed since it was closed in the other log. */
  private void addMovedIn(TopicImage old, TopicImage topic, List<PartitionSpec> open) {
    var here = new ArrayList<PartitionSpec>();
    addSpecs(topic, 0, here);
    for (var spec : here) {
      int partition = spec.id().partition();
      if (partition < old.partitionCount() && !old.homes().home(partition).equals(log)) {
        open.add(spec);
      }
    }
  }

  private void addIds(TopicImage topic, int count, List<PartitionId> ids) {
    int partition = 0;
    for (var run : topic.homes().runs()) {
      for (int i = 0; i < run.count(); i++, partition++) {
        if (partition < count && run.log().equals(log)) {
          ids.add(topic.partition(partition));
        }
      }
    }
  }
}
