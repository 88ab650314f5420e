package io.tidelog.benchmarks.method;

import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Record batches as they arrive from a socket: off the heap. */
final class Batches {

  private static final long TIME_MS = 1_700_000_000_000L;

  private Batches() {}

  static ByteBuffer of(int records, int valueBytes) {
    var simple =
        IntStream.range(0, records)
            .mapToObj(i -> new SimpleRecord(TIME_MS, null, new byte[valueBytes]))
            .toArray(SimpleRecord[]::new);
    var onHeap = MemoryRecords.withRecords(Compression.NONE, simple).buffer();
    return ByteBuffer.allocateDirect(onHeap.remaining()).put(onHeap).flip();
  }
}
