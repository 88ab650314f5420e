package io.tidelog.gateway.fetch;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.ReadRequest;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What one event loop keeps for the fetches of its connections. Owned by that loop. */
public final class FetchLane {

  private final Lane lane;
  private final Sources sources;
  private final FetchLaneConfig config;
  private final FetchSessions sessions;
  private final ParkedFetches parked;
  private final LateReads lateReads;
  private final AnswerMemory answers;

  public FetchLane(Lane lane, Sources sources, FetchLaneConfig config, RandomGenerator ids) {
    this.lane = lane;
    this.sources = sources;
    this.config = config;
    this.sessions = new FetchSessions(config.sessions(), ids);
    this.parked = new ParkedFetches(config.parkedMaxBytes());
    this.lateReads = new LateReads(this, config);
    this.answers = new AnswerMemory(config.answersMaxBytes());
  }

  /** Starts a fetch; {@code receiver} may be told inside this call. */
  public FetchTask fetch(
      List<PartitionFetch> partitions, FetchLimits limits, FetchUnderWay.Receiver receiver) {
    var task = new FetchTask(this, partitions, limits, receiver);
    task.start();
    return task;
  }

  public FetchSessions sessions() {
    return sessions;
  }

  public ParkedFetches parked() {
    return parked;
  }

  /** From any thread. */
  FetchStats stats() {
    return new FetchStats(
        parked.count(),
        parked.turnedAway(),
        sessions.size(),
        sessions.evictions(),
        lateReads.count(),
        lateReads.bytes());
  }

  public Lane lane() {
    return lane;
  }

  public Clock clock() {
    return sources.clock();
  }

  /** Of what this node leads. */
  LogReader log() {
    var log = sources.log();
    if (log == null) {
      throw new IllegalStateException("nothing is led here");
    }
    return log;
  }

  /** Of the cold tier, or null where others read it. */
  @Nullable ColdReader cold() {
    return sources.cold();
  }

  PartitionDirectory directory() {
    return sources.directory();
  }

  LateReads lateReads() {
    return lateReads;
  }

  AnswerMemory answers() {
    return answers;
  }

  int readGraceMs() {
    return config.readGraceMs();
  }

  SlowRead startRead(ReadRequest request) {
    var log = log();
    var read =
        new SlowRead(lane, completion -> log.read(request, completion), sources.cold(), request);
    read.start();
    return read;
  }

  /**
   * Where every loop reads.
   *
   * @param log null on a node that leads nothing
   * @param cold null where whoever asks reads the cold tier itself, from references to it
   */
  public record Sources(
      @Nullable LogReader log,
      @Nullable ColdReader cold,
      PartitionDirectory directory,
      Clock clock) {}
}
