package io.tidelog.benchmarks.method;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.DelayGate;
import io.tidelog.core.log.DelayGates;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.FrameCodec;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.format.GroupEncoder;
import io.tidelog.hot.leader.AppendDecision;
import io.tidelog.hot.leader.LeaderLimits;
import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.view.AppendedRecords;
import io.tidelog.hot.view.FramePlace;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.PartitionView;
import io.tidelog.hot.view.ProducerLimits;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the log's lane does for each batch, in a log of ten thousand partitions. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AppendBenchmark {

  private static final int PARTITIONS = 10_000;
  private static final int STRIDE = 7_919;
  private static final long TERM = 1;
  private static final long TIME_MS = 1_700_000_000_000L;
  private static final int SEGMENT_BYTES = 256 << 20;
  private static final LogId LOG = new LogId(new UUID(0, 1));
  private static final UUID TOPIC = new UUID(0, 2);
  private static final PartitionConfig PLAIN =
      new PartitionConfig(-1, -1, -2, -2, false, true, 0, -1);

  private final ByteBuffer batch = Batches.of(1, 1024);
  private final ByteBuffer group = ByteBuffer.allocateDirect(GroupEncoder.MAX_GROUP_BYTES);
  private final FrameCodec codec = new FrameCodec(LOG);
  private LogView view = new LogView(LOG, ProducerLimits.DEFAULT, new NoGates());
  private LogLeader leader = leader();
  private long lsn;
  private int next;

  /** No partition here is delayed. */
  private static final class NoGates implements DelayGates {

    @Override
    public DelayGate create(long delayMs) {
      throw new IllegalStateException("no partition is delayed");
    }

    @Override
    public DelayGate restore(ByteBuffer saved) {
      throw new IllegalStateException("no partition is delayed");
    }
  }

  private LogLeader leader() {
    return new LogLeader(view, TERM, LeaderLimits.of(SEGMENT_BYTES));
  }

  private static PartitionId partition(int number) {
    return new PartitionId(TOPIC, number);
  }

  /** A view grows with what it is told, so each iteration has a new one. */
  @Setup(Level.Iteration)
  public void openPartitions() {
    view = new LogView(LOG, ProducerLimits.DEFAULT, new NoGates());
    leader = leader();
    lsn = 0;
    for (int i = 0; i < PARTITIONS; i++) {
      view.apply(new Frame.PartitionOpen(TERM, TIME_MS, i, partition(i), 0, PLAIN), place(100));
    }
  }

  private FramePlace place(int bytes) {
    long from = lsn;
    lsn += bytes;
    return new FramePlace(from, lsn, from - from % SEGMENT_BYTES);
  }

  private PartitionId nextPartition() {
    next = (next + STRIDE) % PARTITIONS;
    return partition(next);
  }

  @Benchmark
  public @Nullable PartitionView findPartition() {
    return view.find(nextPartition());
  }

  /** Offset given out, committed, applied to the view. */
  @Benchmark
  public AppendedRecords decideAndApply() {
    var decision =
        leader.decideAppend(nextPartition(), batch.duplicate(), AppendRequest.ANY_OFFSET, TIME_MS);
    if (!(decision instanceof AppendDecision.Accept accepted)) {
      throw new IllegalStateException("not accepted: " + decision);
    }
    var records = new AppendedRecords(accepted.partitionRef(), TERM, TIME_MS, accepted.batches());
    view.apply(records, place(FrameFormat.recordsFrameBytes(batch.remaining())));
    leader.onCommitted(records);
    return records;
  }

  /** One frame in a group of its own, checksums included. */
  @Benchmark
  public long encodeGroupOfOne() {
    group.clear();
    var encoder = new GroupEncoder(codec, group, 0);
    encoder.add(new Frame.RecordsFrame(0, TERM, TIME_MS, 0, 1, batch.duplicate()));
    return encoder.finish(TERM, TIME_MS, 0);
  }
}
