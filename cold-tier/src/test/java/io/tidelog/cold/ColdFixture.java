package io.tidelog.cold;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.cold.TestSegment.Batch;
import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadResult;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What was written to the segments of a test, and what a reader must therefore find. */
public final class ColdFixture {

  public static final LogId LOG = new LogId(new UUID(7, 8));

  private final Map<PartitionId, List<Batch>> written = new LinkedHashMap<>();
  private final Map<PartitionId, List<ColdReference>> references = new LinkedHashMap<>();

  public static List<PartitionId> partitions(int count) {
    var ids = new ArrayList<PartitionId>();
    for (int i = 0; i < count; i++) {
      ids.add(new PartitionId(new UUID(i % 3 - 1, 11), i));
    }
    return ids;
  }

  /** Notes what a segment holds and the object it was committed as. */
  public void onCommitted(TestSegment segment, ColdObject object) {
    assertThat(object.baseLsn()).isEqualTo(segment.baseLsn());
    assertThat(object.endLsn()).isEqualTo(segment.endLsn());
    segment
        .batches()
        .forEach(
            (partition, batches) -> {
              written.computeIfAbsent(partition, p -> new ArrayList<>()).addAll(batches);
              references
                  .computeIfAbsent(partition, p -> new ArrayList<>())
                  .add(
                      new ColdReference(
                          object,
                          partition,
                          new OffsetRange(
                              batches.getFirst().offsets().start(),
                              batches.getLast().offsets().end())));
            });
  }

  public Map<PartitionId, List<Batch>> written() {
    return written;
  }

  public List<ColdReference> references(PartitionId partition) {
    return references.getOrDefault(partition, List.of());
  }

  /** What a log hands out for an offset: the references from the one that holds it on. */
  public List<ColdReference> referencesFrom(PartitionId partition, long offset) {
    return references(partition).stream()
        .filter(reference -> reference.offsets().end() > offset)
        .toList();
  }

  public long endOffset(PartitionId partition) {
    return written.get(partition).getLast().offsets().end();
  }

  public PartitionSnapshot snapshot(PartitionId partition) {
    return snapshot(partition, 0, endOffset(partition));
  }

  public static PartitionSnapshot snapshot(PartitionId partition, long start, long end) {
    var config = new PartitionConfig(-1, -1, -2, -2, false, true, 0, -1);
    return new PartitionSnapshot(partition, config, start, end, end, end, end, end, end, 5, 0, 0);
  }

  /** The whole batches that a read must give, as one run of bytes. */
  public byte[] expected(PartitionId partition, long offset, int maxBytes, long endOffset) {
    var bytes = new ByteArrayOutputStream();
    for (var batch : written.get(partition)) {
      if (batch.offsets().end() <= offset) {
        continue;
      }
      if (batch.offsets().end() > endOffset
          || (bytes.size() > 0 && bytes.size() + batch.bytes().length > maxBytes)) {
        break;
      }
      bytes.writeBytes(batch.bytes());
    }
    return bytes.toByteArray();
  }

  /** The bytes of a result, which is closed. */
  public static byte[] bytes(ReadResult result) {
    assertThat(result).isInstanceOf(ReadResult.Records.class);
    var out = new ByteArrayOutputStream();
    try (var records = ((ReadResult.Records) result).bytes()) {
      for (var part : records.parts()) {
        ByteBuffer buffer = part.bytes().duplicate();
        var copy = new byte[buffer.remaining()];
        buffer.get(copy);
        out.writeBytes(copy);
      }
      assertThat(records.sizeBytes()).isEqualTo(out.size());
    }
    return out.toByteArray();
  }
}
