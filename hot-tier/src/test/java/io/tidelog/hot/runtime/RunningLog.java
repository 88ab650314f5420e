package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Clock;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.disk.FileLogDisk;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.view.ListDelayGates;
import io.tidelog.hot.view.TestBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** A log with real threads in a real folder. */
final class RunningLog implements AutoCloseable {

  static final LogId LOG = new LogId(new UUID(3, 4));
  static final PartitionConfig PLAIN = new PartitionConfig(-1, -1, -2, -2, false, true, 0, -1);
  static final Clock CLOCK =
      new Clock() {
        @Override
        public long wallMs() {
          return System.currentTimeMillis();
        }

        @Override
        public long monotonicNs() {
          return System.nanoTime();
        }
      };

  final LogDisk disk;
  private final LogThreads threads;
  final LogDriver driver;

  private RunningLog(LogDisk disk, HotTierConfig config, Clock clock) {
    this.disk = disk;
    this.threads = new LogThreads(config, clock);
    boolean recovered = false;
    SoleReplica sole;
    try {
      sole =
          SoleReplica.open(
              new SoleReplica.Parts(disk, LOG, config, new ListDelayGates(), clock),
              threads.threads(),
              UUID.randomUUID());
      recovered = true;
    } finally {
      if (!recovered) {
        threads.close();
      }
    }
    driver = sole.driver();
    threads.onUncaught(driver::onUncaught);
    threads.start();
    await(sole.start());
  }

  static RunningLog in(Path folder) {
    return in(folder, HotTierConfig.DEFAULT);
  }

  static RunningLog in(Path folder, HotTierConfig config) {
    return in(folder, config, CLOCK);
  }

  static RunningLog in(Path folder, HotTierConfig config, Clock clock) {
    try {
      return new RunningLog(FileLogDisk.open(folder), config, clock);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RunningLog on(LogDisk disk, HotTierConfig config) {
    return new RunningLog(disk, config, CLOCK);
  }

  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new AssertionError(e);
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    }
  }

  static PartitionId partition(int number) {
    return new PartitionId(new UUID(0, 7), number);
  }

  void open(int number, PartitionConfig config) {
    await(driver.open(List.of(new PartitionSpec(partition(number), 0, config))));
  }

  CompletableFuture<AppendResult> send(int number, ByteBuffer records, Acks acks) {
    var result = new CompletableFuture<AppendResult>();
    driver.append(
        List.of(
            new AppendRequest(
                partition(number), records, acks, AppendRequest.ANY_OFFSET, result::complete)));
    return result;
  }

  AppendResult append(int number, TestBatch batch) {
    return await(send(number, batch.bytes(), Acks.ALL));
  }

  /** Done when the lane has done it, and all it was to do before. */
  void hold(boolean isHeld) {
    var lane = threads.threads().lane();
    await(CompletableFuture.runAsync(() -> driver.holdAppends(isHeld), lane::execute));
  }

  ReadResult tryRead(int number, long offset, int maxBytes) {
    var result = new CompletableFuture<ReadResult>();
    driver.read(
        new ReadRequest(partition(number), offset, maxBytes, true, ReadRequest.UpTo.VISIBLE_END),
        result::complete);
    return await(result);
  }

  /** The headers of what a read from the offset gives. */
  List<BatchHeader> read(int number, long offset) {
    var result = tryRead(number, offset, 1 << 20);
    assertThat(result).isInstanceOf(ReadResult.Records.class);
    try (var bytes = ((ReadResult.Records) result).bytes()) {
      return headers(copy(bytes));
    }
  }

  static List<BatchHeader> headers(ByteBuffer records) {
    List<BatchHeader> headers = new ArrayList<>();
    int at = 0;
    while (at < records.limit()) {
      var header = BatchHeader.read(records, at);
      headers.add(header);
      at += header.sizeBytes();
    }
    return headers;
  }

  static ByteBuffer copy(RecordBytes bytes) {
    var copy = ByteBuffer.allocate(bytes.sizeBytes());
    for (var part : bytes.parts()) {
      copy.put(part.bytes().duplicate());
    }
    return copy.flip();
  }

  PartitionSnapshot snapshot(int number) {
    var snapshot = driver.snapshot(partition(number));
    assertThat(snapshot).isNotNull();
    return snapshot;
  }

  @Override
  public void close() {
    await(driver.stop());
    threads.close();
    try {
      disk.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
