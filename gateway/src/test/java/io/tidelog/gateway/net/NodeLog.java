package io.tidelog.gateway.net;

import io.netty.channel.DefaultEventLoop;
import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.LogAppender;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionAdmin;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.TimeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A node's view of the {@link SharedLog}: it has what it leads, on a lane of its own. */
final class NodeLog implements LogAppender, LogReader, PartitionAdmin, AutoCloseable {

  private final SharedLog log;
  private final int node;
  private final DefaultEventLoop lane = new DefaultEventLoop();
  private final List<AdvanceListener> listeners = new CopyOnWriteArrayList<>();
  private final AtomicInteger appends = new AtomicInteger();

  /** On the lane: answers that are kept back, or null. */
  private @Nullable List<Runnable> held;

  NodeLog(SharedLog log, int node) {
    this.log = log;
    this.node = node;
  }

  /** What is appended from now on is done and not answered until {@link #release}. */
  void hold() {
    lane.submit(() -> held = new ArrayList<>()).syncUninterruptibly();
  }

  void release() {
    lane.execute(
        () -> {
          var answers = held == null ? List.<Runnable>of() : held;
          held = null;
          answers.forEach(Runnable::run);
        });
  }

  /** Appends that were done here or refused here. */
  int appends() {
    return appends.get();
  }

  @Override
  public void append(List<AppendRequest> requests) {
    var copy = List.copyOf(requests);
    lane.execute(
        () -> {
          for (var request : copy) {
            var result = log.append(node, request);
            appends.incrementAndGet();
            Runnable answer = () -> request.completion().onCompleted(result);
            if (held == null) {
              answer.run();
            } else {
              held.add(answer);
            }
          }
          var moved = copy.stream().map(AppendRequest::partition).distinct().toList();
          listeners.forEach(listener -> listener.onAdvanced(moved));
        });
  }

  @Override
  public @Nullable PartitionSnapshot snapshot(PartitionId partition) {
    return log.snapshot(node, partition);
  }

  @Override
  public void read(ReadRequest request, ReadCompletion completion) {
    completion.onCompleted(log.read(node, request));
  }

  @Override
  public void findByTime(TimeRequest request, ReadCompletion completion) {
    completion.onCompleted(log.findByTime(node, request));
  }

  @Override
  public EpochEnd endOfEpoch(PartitionId partition, int leaderEpoch) {
    return log.endOfEpoch(partition, leaderEpoch);
  }

  @Override
  public void onAdvance(AdvanceListener listener) {
    listeners.add(listener);
  }

  @Override
  public CompletionStage<Long> deleteBefore(PartitionId partition, long offset) {
    long start = log.deleteBefore(node, partition, offset);
    return start < 0 ? notLed() : CompletableFuture.completedStage(start);
  }

  @Override
  public CompletionStage<List<ProducerEntry>> producers(PartitionId partition) {
    return snapshot(partition) == null
        ? notLed()
        : CompletableFuture.completedStage(log.producers(partition));
  }

  @Override
  public void close() {
    var unused = lane.shutdownGracefully();
  }

  private static <T> CompletionStage<T> notLed() {
    return CompletableFuture.failedStage(
        new Fault.Refused(Refusal.NOT_LEADER_OR_FOLLOWER, "another node leads"));
  }
}
