package io.tidelog.gateway.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.gateway.fake.Batches;
import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.gateway.fake.InMemoryLog;
import io.tidelog.gateway.fake.SteppedClock;
import io.tidelog.gateway.fake.SteppedLane;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The fetches of one connection from a log in memory, on lanes that are stepped by hand. */
final class SteppedFetch implements AutoCloseable {

  static final int NO_LIMIT = Integer.MAX_VALUE;

  final SteppedClock clock = new SteppedClock();
  final SteppedLane loop = new SteppedLane(clock);
  private final SteppedLane logLane = new SteppedLane(clock);
  final InMemoryLog log = new InMemoryLog(logLane);
  private final FixedImages images = new FixedImages();
  final FetchLanes lanes = lanes(1 << 20);
  final List<Answered> answered = new ArrayList<>();
  final PartitionId[] partitions = new PartitionId[3];

  SteppedFetch() {
    var topic = images.add("orders", partitions.length);
    for (int i = 0; i < partitions.length; i++) {
      partitions[i] = topic.partition(i);
      log.open(partitions[i]);
    }
    lanes.start();
  }

  /** Nothing may be left open or parked. */
  @Override
  public void close() {
    for (var fetch : answered) {
      fetch.answers.forEach(answer -> answer.bytes().close());
    }
    clock.advanceMs(60_000);
    settle();
    assertThat(log.openBytes()).as("bytes nobody closed").isZero();
    assertThat(lane().parked().count()).isZero();
    assertThat(loop.timers()).isZero();
  }

  FetchLanes lanes(long parkedMaxBytes) {
    return lanes(parkedMaxBytes, FetchLaneConfig.defaults(1).answersMaxBytes());
  }

  FetchLanes lanes(long parkedMaxBytes, long answersMaxBytes) {
    var defaults = FetchLaneConfig.defaults(1);
    return new FetchLanes(
        new FetchLane.Sources(log, log, new PartitionDirectory(images), clock),
        new FetchLaneConfig(
            defaults.sessions(),
            parkedMaxBytes,
            answersMaxBytes,
            defaults.lateReadMaxBytes(),
            defaults.lateReadMaxCount(),
            defaults.lateReadKeepMs(),
            defaults.readGraceMs()),
        () -> new Random(1));
  }

  FetchLane lane() {
    return lanes.of(loop);
  }

  FetchTask fetch(FetchLimits limits, PartitionFetch... asks) {
    var task = lane().fetch(List.of(asks), limits, this::onAnswered);
    settle();
    return task;
  }

  void onAnswered(List<PartitionAnswer> answers, int throttleMs) {
    answered.add(new Answered(answers, throttleMs));
  }

  void append(int partition, String... values) {
    log.append(
        List.of(
            new AppendRequest(
                partitions[partition],
                Batches.of(clock.wallMs(), values),
                Acks.ALL,
                AppendRequest.ANY_OFFSET,
                _ -> {})));
    settle();
  }

  void settle() {
    SteppedLane.settle(logLane, loop);
  }

  Answered only() {
    assertThat(answered).hasSize(1);
    return answered.getFirst();
  }

  static FetchLimits limits(int minBytes, int maxWaitMs) {
    return new FetchLimits(minBytes, NO_LIMIT, maxWaitMs);
  }

  PartitionFetch ask(int partition, long offset) {
    return ask(partition, offset, NO_LIMIT);
  }

  PartitionFetch ask(int partition, long offset, int maxBytes) {
    return ask(partition, offset, maxBytes, -1, -1);
  }

  PartitionFetch ask(int partition, long offset, int maxBytes, int epoch, int lastFetchedEpoch) {
    return new PartitionFetch(
        FetchKey.of("orders", partition), offset, maxBytes, epoch, lastFetchedEpoch);
  }

  static List<Long> offsets(PartitionAnswer answer) {
    return answer.bytes().parts().stream()
        .map(part -> BatchHeader.read(part.bytes(), 0).baseOffset())
        .toList();
  }

  record Answered(List<PartitionAnswer> answers, int throttleMs) {

    /** Base offsets of the batches of one answer. */
    List<Long> offsets(int index) {
      return SteppedFetch.offsets(answers.get(index));
    }
  }
}
