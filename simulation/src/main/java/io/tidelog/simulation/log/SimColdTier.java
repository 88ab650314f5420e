package io.tidelog.simulation.log;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.SealedSegmentSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** An object store that keeps each run's batches by offset; uploads may fail or be repeated. */
final class SimColdTier {

  private final Map<String, Map<PartitionId, TreeMap<Long, ByteBuffer>>> objects = new HashMap<>();
  private final Random random;
  private int uploads;

  SimColdTier(Random random) {
    this.random = random;
  }

  /** Offloads one segment if there is one; in one of eight cases the upload fails half-way. */
  void offload(SealedSegmentSource source, LogId log) {
    try (var segment = source.nextToOffload(log)) {
      if (segment == null || random.nextInt(8) == 0) {
        return;
      }
      var contents = new HashMap<PartitionId, TreeMap<Long, ByteBuffer>>();
      for (var run : segment.runs()) {
        var batches = contents.computeIfAbsent(run.partition(), p -> new TreeMap<>());
        for (var extent : run.extents()) {
          var bytes = ByteBuffer.allocate(extent.sizeBytes());
          segment.channel().read(bytes, extent.position());
          addBatches(bytes.flip(), batches);
        }
      }
      var key = "object-" + uploads++;
      objects.put(key, contents);
      if (random.nextInt(8) != 0) {
        var unused =
            source.commit(
                new ColdObject(
                    log, segment.term(), segment.baseLsn(), segment.endLsn(), key, 1, 1, 1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void addBatches(ByteBuffer bytes, TreeMap<Long, ByteBuffer> batches) {
    for (int at = 0; at < bytes.limit(); ) {
      var header = BatchHeader.read(bytes, at);
      batches.put(header.baseOffset(), bytes.slice(at, header.sizeBytes()));
      at += header.sizeBytes();
    }
  }

  /** The batches the reference holds from {@code offset} on that begin before {@code endOffset}. */
  ByteBuffer read(ColdReference reference, long offset, long endOffset) {
    var contents = objects.get(reference.object().key());
    var batches = contents == null ? null : contents.get(reference.partition());
    if (batches == null) {
      throw new Violation(reference + " names what was never uploaded");
    }
    var from = batches.subMap(offset, endOffset);
    if (from.isEmpty() || from.firstKey() != offset) {
      throw new Violation(reference + " does not hold offset " + offset);
    }
    var bytes = ByteBuffer.allocate(from.values().stream().mapToInt(ByteBuffer::remaining).sum());
    from.values().forEach(batch -> bytes.put(batch.duplicate()));
    return bytes.flip();
  }
}
