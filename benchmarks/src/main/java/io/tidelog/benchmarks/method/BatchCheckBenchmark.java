package io.tidelog.benchmarks.method;

import io.tidelog.core.BatchCheck;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the event loop does for each produced batch: header, checksum, record count. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BatchCheckBenchmark {

  private static final int MAX_BYTES = 2 << 20;

  private final ByteBuffer oneKib = Batches.of(1, 1024);
  private final ByteBuffer oneMibOfTenByteRecords = Batches.of(55_000, 10);
  private final ByteBuffer oneMibRecord = Batches.of(1, 1 << 20);

  @Benchmark
  public int oneRecordOfOneKib() {
    return BatchCheck.checkProduced(oneKib, MAX_BYTES);
  }

  @Benchmark
  public int oneMibOfTenByteRecords() {
    return BatchCheck.checkProduced(oneMibOfTenByteRecords, MAX_BYTES);
  }

  @Benchmark
  public int oneRecordOfOneMib() {
    return BatchCheck.checkProduced(oneMibRecord, MAX_BYTES);
  }
}
