package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.PartitionAdmin.ProducerEntry;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.hot.leader.ControlDecision;
import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.PartitionView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Changes the partitions of a log. Any thread may ask; what is asked is decided and written on the
 * log's lane, and answered when it is durable.
 */
final class ControlDesk {

  private final Lane lane;
  private final LogView view;
  private final LogLeader leader;
  private final CommitPipeline pipeline;

  ControlDesk(Lane lane, LogView view, LogLeader leader, CommitPipeline pipeline) {
    this.lane = lane;
    this.view = view;
    this.leader = leader;
    this.pipeline = pipeline;
  }

  CompletionStage<Void> open(List<PartitionSpec> partitions) {
    return changeAll(partitions, leader::decideOpen);
  }

  CompletionStage<Void> close(List<PartitionId> partitions) {
    return changeAll(partitions, leader::decideClose);
  }

  CompletionStage<Void> configure(List<PartitionId> partitions, PartitionConfig config) {
    return changeAll(partitions, id -> leader.decideConfigure(id, config));
  }

  CompletionStage<Void> deliverPending(List<PartitionId> partitions) {
    return changeAll(partitions, leader::decideDeliverPending);
  }

  private <T> CompletionStage<Void> changeAll(
      List<T> subjects, Function<T, ControlDecision> decide) {
    var done = new CompletableFuture<Void>();
    post(
        done,
        () -> {
          List<CompletableFuture<Void>> parts = new ArrayList<>(subjects.size());
          for (var subject : subjects) {
            var part = new CompletableFuture<Void>();
            parts.add(part);
            pipeline.change(() -> decide.apply(subject), part);
          }
          pipeline.flush();
          completeWith(done, CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new)));
        });
    return done;
  }

  private static void completeWith(CompletableFuture<Void> done, CompletableFuture<Void> all) {
    var unused =
        all.whenComplete(
            (nothing, failure) -> {
              if (failure == null) {
                done.complete(null);
              } else {
                done.completeExceptionally(
                    failure.getCause() == null ? failure : failure.getCause());
              }
            });
  }

  CompletionStage<Long> deleteBefore(PartitionId id, long offset, long nowMs) {
    var done = new CompletableFuture<Long>();
    post(
        done,
        () -> {
          var partition = requireOpen(id);
          var written = new CompletableFuture<Void>();
          pipeline.change(() -> leader.decideLogStart(id, offset, nowMs), written);
          var unused =
              written.whenComplete(
                  (nothing, failure) -> {
                    if (failure == null) {
                      done.complete(partition.logStartOffset());
                    } else {
                      done.completeExceptionally(failure);
                    }
                  });
          pipeline.flush();
        });
    return done;
  }

  CompletionStage<List<ProducerEntry>> producers(PartitionId id, long nowMs) {
    var done = new CompletableFuture<List<ProducerEntry>>();
    post(
        done,
        () -> {
          List<ProducerEntry> entries = new ArrayList<>();
          for (var producer : view.producers().of(requireOpen(id).ref(), nowMs)) {
            var state = producer.getValue();
            entries.add(
                new ProducerEntry(
                    producer.getKey(),
                    state.epoch(),
                    state.lastSequence(),
                    state.lastTimestampMs(),
                    state.lastBatch()));
          }
          entries.sort(Comparator.comparingLong(ProducerEntry::producerId));
          done.complete(List.copyOf(entries));
        });
    return done;
  }

  private PartitionView requireOpen(PartitionId id) {
    var partition = view.find(id);
    if (partition == null) {
      throw new Fault.Refused(
          Refusal.NOT_LEADER_OR_FOLLOWER, "partition " + id + " is not open in this log");
    }
    return partition;
  }

  /** Runs the task on the lane; a fault it throws is the answer. */
  private void post(CompletableFuture<?> done, Runnable task) {
    lane.execute(
        () -> {
          try {
            task.run();
          } catch (Fault.Broken fault) {
            done.completeExceptionally(fault);
            throw fault;
          } catch (Fault fault) {
            done.completeExceptionally(fault);
          }
        });
  }
}
