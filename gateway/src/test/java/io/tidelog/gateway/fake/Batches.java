package io.tidelog.gateway.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Record batches as a producer writes them. */
public final class Batches {

  private Batches() {}

  public static ByteBuffer of(long timestampMs, String... values) {
    return records(Compression.NONE, timestampMs, values).buffer();
  }

  public static MemoryRecords records(Compression codec, long timestampMs, String... values) {
    var records = new SimpleRecord[values.length];
    for (int i = 0; i < values.length; i++) {
      records[i] =
          new SimpleRecord(timestampMs + i, ("key" + i).getBytes(UTF_8), values[i].getBytes(UTF_8));
    }
    return MemoryRecords.withRecords(codec, records);
  }

  public static MemoryRecords withoutKeys(long timestampMs, String... values) {
    var records = new SimpleRecord[values.length];
    for (int i = 0; i < values.length; i++) {
      records[i] = new SimpleRecord(timestampMs, values[i].getBytes(UTF_8));
    }
    return MemoryRecords.withRecords(Compression.NONE, records);
  }

  /** Of an idempotent producer. */
  public static MemoryRecords idempotent(long producerId, int sequence, String value) {
    return MemoryRecords.withIdempotentRecords(
        Compression.NONE, producerId, (short) 0, sequence, new SimpleRecord(value.getBytes(UTF_8)));
  }

  public static MemoryRecords transactional(long producerId, String value) {
    return MemoryRecords.withTransactionalRecords(
        Compression.NONE, producerId, (short) 0, 0, new SimpleRecord(value.getBytes(UTF_8)));
  }

  public static MemoryRecords stampedByBroker(long timestampMs, String value) {
    return MemoryRecords.withRecords(
        RecordBatch.MAGIC_VALUE_V2,
        0L,
        Compression.NONE,
        TimestampType.LOG_APPEND_TIME,
        new SimpleRecord(timestampMs, value.getBytes(UTF_8)));
  }

  /** Several batches one after the other. */
  public static MemoryRecords together(List<MemoryRecords> batches) {
    var all = ByteBuffer.allocate(batches.stream().mapToInt(MemoryRecords::sizeInBytes).sum());
    batches.forEach(batch -> all.put(batch.buffer()));
    return MemoryRecords.readableRecords(all.flip());
  }
}
