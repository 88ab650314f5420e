package io.tidelog.metadata.topic;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Has each log that this node leads hold the partitions the picture shows: the whole log when its
 * term begins here, then step by step. What is open in the log and not in the picture is closed
 * only by a picture read after the term was agreed on: one that is older may not show a topic that
 * the leader before had opened already. On the metadata lane.
 */
final class LedPartitions {

  private final LedLogs logs;
  private final ImageKeeper images;
  private final Lane lane;
  private final Clock clock;

  // Owned by the lane.
  private final Map<LogId, Led> led = new HashMap<>();

  /** A log while it is led here. */
  private static final class Led {
    private final long term;
    private final PartitionFollower follower;

    /** Set when it has been told the whole picture; later steps are told one by one. */
    private boolean follows;

    private Led(long term, PartitionFollower follower) {
      this.term = term;
      this.follower = follower;
    }
  }

  LedPartitions(LedLogs logs, ImageKeeper images, Lane lane, Clock clock) {
    this.logs = logs;
    this.images = images;
    this.lane = lane;
    this.clock = clock;
  }

  /** Completes when the logs led now hold what the picture shows. */
  CompletionStage<Void> start() {
    logs.onChange(
        new LedLogs.Listener() {
          @Override
          public void onBegan(LedLog log) {
            lane.execute(() -> begin(log));
          }

          @Override
          public void onEnded(LogId log, long term) {
            lane.execute(() -> end(log, term));
          }
        });
    return allOf(logs.led().stream().map(this::begin).toList());
  }

  /** Carries one step over to every log that is led here; completes on any thread. */
  CompletionStage<Void> follow(ClusterView before, ClusterView after, Set<String> touched) {
    return allOf(
        led.values().stream()
            .filter(one -> one.follows)
            .map(one -> unlessOver(one.follower.follow(before, after, touched)))
            .toList());
  }

  private CompletionStage<Void> begin(LedLog log) {
    var known = led.get(log.log());
    if (known != null && known.term >= log.term()) {
      return CompletableFuture.completedStage(null);
    }
    var reconciler = new PartitionReconciler(log.log(), log.partitions());
    var now = new Led(log.term(), new PartitionFollower(reconciler, images, lane, clock));
    led.put(log.log(), now);
    return images
        .readSince(log.revision())
        .thenComposeAsync(
            read -> {
              now.follows = true;
              return led.get(log.log()) == now
                  ? unlessOver(now.follower.catchUp())
                  : CompletableFuture.completedStage(null);
            },
            lane);
  }

  private void end(LogId log, long term) {
    var known = led.get(log);
    if (known != null && known.term <= term) {
      led.remove(log);
    }
  }

  /** When the term is over, the next leader does it. */
  private static CompletionStage<Void> unlessOver(CompletionStage<Void> done) {
    return done.exceptionally(
        failure -> {
          var cause = failure instanceof CompletionException ? failure.getCause() : failure;
          if (cause instanceof Fault.Fenced) {
            return null;
          }
          throw failure instanceof CompletionException wrapped
              ? wrapped
              : new CompletionException(failure);
        });
  }

  private static CompletionStage<Void> allOf(List<? extends CompletionStage<Void>> stages) {
    return CompletableFuture.allOf(
        stages.stream()
            .map(CompletionStage::toCompletableFuture)
            .toArray(CompletableFuture[]::new));
  }
}
