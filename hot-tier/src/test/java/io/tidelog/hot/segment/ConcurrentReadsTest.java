package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.BatchHeader;
import io.tidelog.hot.disk.FileLogDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrentReadsTest {

  private static final int PARTITIONS = 5;

  @TempDir Path folder;

  private final AtomicLongArray ends = new AtomicLongArray(PARTITIONS);
  private final CountDownLatch readersDone = new CountDownLatch(2);

  @Test
  void readersSeeWholeBatchesWhileTheLaneAppendsAndSealsAndRolls()
      throws IOException, InterruptedException, ExecutionException {
    var random = new Random(7);
    var disk = FileLogDisk.open(folder.resolve("log"));
    var test = new TestLog(disk, random);
    try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = readers.submit(reader(test, new Random(8)));
      var second = readers.submit(reader(test, new Random(9)));
      while (readersDone.getCount() > 0) {
        test.appendRandom(PARTITIONS, 400);
        for (int ref = 0; ref < PARTITIONS; ref++) {
          ends.set(ref, test.endOffset(ref));
        }
        if (random.nextInt(50) == 0) {
          test.sync();
          test.sealAll();
          test.log.upkeep();
        }
      }
      assertThat(first.get() + second.get()).isPositive();
    }
    test.log.close();
    disk.close();
  }

  /** Reads a thousand times at random; gives how often it was served from memory. */
  private Callable<Integer> reader(TestLog test, Random random) {
    return () -> {
      try {
        int fromMemory = 0;
        for (int i = 0; i < 1_000; i++) {
          int ref = random.nextInt(PARTITIONS);
          long end = ends.get(ref);
          long start = end - (long) (end * Math.pow(random.nextDouble(), 4));
          var read = new SegmentRead(ref, start, end, random.nextInt(20_000), true);
          var found = test.log.reads().fromMemory(read);
          fromMemory += found == null ? 0 : 1;
          check(read, ReadBytes.of(found == null ? test.log.reads().fromFiles(read) : found));
          Thread.yield();
        }
        return fromMemory;
      } finally {
        readersDone.countDown();
      }
    };
  }

  private static void check(SegmentRead read, byte[] bytes) {
    var batches = ByteBuffer.wrap(bytes);
    long next = -1;
    int at = 0;
    while (at < bytes.length) {
      var batch = BatchHeader.read(batches, at);
      if (next < 0) {
        assertThat(batch.baseOffset()).isLessThanOrEqualTo(read.startOffset());
        assertThat(batch.endOffset()).isGreaterThan(read.startOffset());
      } else {
        assertThat(batch.baseOffset()).isEqualTo(next);
      }
      next = batch.endOffset();
      at += batch.sizeBytes();
    }
    assertThat(at).isEqualTo(bytes.length);
    assertThat(next).isLessThanOrEqualTo(read.endOffset());
    assertThat(bytes.length > 0).isEqualTo(read.startOffset() < read.endOffset());
  }
}
