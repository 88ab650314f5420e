package io.tidelog.simulation.log;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.core.log.SealedSegmentSource;
import io.tidelog.simulation.disk.SimDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** An object store that keeps each run's batches by offset; uploads may fail or be repeated. */
public final class SimColdTier {

  private static final long GRACE_MS = 1_000;

  private final Map<String, Map<PartitionId, TreeMap<Long, ByteBuffer>>> objects =
      new LinkedHashMap<>();

  private final Map<String, LogId> uploaders = new HashMap<>();
  private final Map<String, Long> deadSince = new HashMap<>();
  private final Random random;
  private final Mutant mutant;
  private int uploads;

  public SimColdTier(Random random, Mutant mutant) {
    this.random = random;
    this.mutant = mutant;
  }

  /** Offloads one segment if there is one; in one of eight cases the upload fails half-way. */
  void offload(SealedSegmentSource source, LogId log, SimDisk disk) {
    try (var segment = source.nextToOffload(log)) {
      if (segment == null || random.nextInt(8) == 0) {
        return;
      }
      var key = "object-" + uploads++;
      if (mutant != Mutant.COMMIT_BEFORE_UPLOAD || random.nextInt(8) != 0) {
        objects.put(key, contents(segment));
      }
      if (mutant == Mutant.TRIM_BEFORE_COMMIT) {
        disk.delete(String.format(Locale.ROOT, "%020d.seg", segment.baseLsn()));
      }
      if (random.nextInt(8) != 0) {
        var unused =
            source.commit(
                new ColdObject(
                    log, segment.term(), segment.baseLsn(), segment.endLsn(), key, 1, 1, 1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Fault.Retriable e) {
      return; // it was trimmed meanwhile, or the disk fails: the next round tries again
    }
  }

  /**
   * Uploads a segment under a new key.
   *
   * @throws Fault.Broken when its records are damaged, as whoever uploads finds out before
   */
  public String put(SealedSegment segment) {
    return put(segment, true);
  }

  /**
   * As {@link #put(SealedSegment)}, and as by one that looks at nothing.
   *
   * @param isChecked whether checksums and offsets are looked at
   */
  public String put(SealedSegment segment, boolean isChecked) {
    var key = segment.term() + "-object-" + uploads++;
    try {
      var contents = contents(segment);
      if (isChecked) {
        check(segment, contents);
      }
      objects.put(key, contents);
      uploaders.put(key, segment.log());
    } catch (IOException | RuntimeException e) {
      throw new Fault.Broken("a segment cannot be read", e);
    }
    return key;
  }

  /** As the cold tier does: what the batches' checksums leave out is held against the index. */
  private static void check(
      SealedSegment segment, Map<PartitionId, TreeMap<Long, ByteBuffer>> contents) {
    for (var run : segment.runs()) {
      var batches = contents.getOrDefault(run.partition(), new TreeMap<>());
      for (var extent : run.extents()) {
        long next = extent.offsets().start();
        while (next < extent.offsets().end()) {
          var batch = batches.get(next);
          if (batch == null) {
            throw new IllegalArgumentException("no batch at offset " + next);
          }
          var header = BatchHeader.read(batch, 0);
          SimBatch.valueOf(batch, 0, header);
          next = header.endOffset();
        }
      }
    }
  }

  /** What another store has of a log, to be read here: batches of each partition by offset. */
  public void adopt(String key, LogId log, Map<PartitionId, TreeMap<Long, ByteBuffer>> contents) {
    objects.put(key, contents);
    uploaders.put(key, log);
  }

  /** The term in which the object was uploaded. */
  public static long termOf(String key) {
    return Long.parseLong(key.substring(0, key.indexOf('-')));
  }

  /** What the log has uploaded. */
  public Set<String> keys(LogId log) {
    var keys = new HashSet<String>();
    for (var key : objects.keySet()) {
      if (log.equals(uploaders.get(key))) {
        keys.add(key);
      }
    }
    return Set.copyOf(keys);
  }

  boolean has(ColdReference reference) {
    return objects.containsKey(reference.object().key());
  }

  public void delete(String key) {
    objects.remove(key);
  }

  private static Map<PartitionId, TreeMap<Long, ByteBuffer>> contents(SealedSegment segment)
      throws IOException {
    var contents = new HashMap<PartitionId, TreeMap<Long, ByteBuffer>>();
    for (var run : segment.runs()) {
      var batches = contents.computeIfAbsent(run.partition(), p -> new TreeMap<>());
      for (var extent : run.extents()) {
        var bytes = ByteBuffer.allocate(extent.sizeBytes());
        segment.channel().read(bytes, extent.position());
        addBatches(bytes.flip(), batches);
      }
    }
    return contents;
  }

  /** Deletes objects that no partition has needed for a grace. */
  void collect(Set<String> live, long nowMs) {
    deadSince.keySet().removeIf(key -> live.contains(key) && mutant != Mutant.COLLECT_LIVE_OBJECTS);
    for (var key : List.copyOf(objects.keySet())) {
      if (mutant == Mutant.COLLECT_LIVE_OBJECTS || !live.contains(key)) {
        if (nowMs - deadSince.computeIfAbsent(key, k -> nowMs) > GRACE_MS) {
          objects.remove(key);
        }
      }
    }
  }

  /** The collector died; its successor knows nothing. */
  void onCrash() {
    deadSince.clear();
  }

  int objectCount() {
    return objects.size();
  }

  /** The first offset from {@code fromOffset} on that reaches the time, −1 for none. */
  long find(List<ColdReference> references, long timestampMs, long fromOffset) {
    for (var reference : references) {
      var range = reference.offsets();
      for (var batch :
          batches(reference)
              .subMap(Math.min(range.end(), Math.max(fromOffset, range.start())), range.end())
              .values()) {
        var header = BatchHeader.read(batch, batch.position());
        if (header.maxTimestampMs() >= timestampMs) {
          return header.baseOffset();
        }
      }
    }
    return -1;
  }

  /** Adds the batches that follow one another in the bytes. */
  public static void addBatches(ByteBuffer bytes, TreeMap<Long, ByteBuffer> batches) {
    for (int at = 0; at < bytes.limit(); ) {
      var header = BatchHeader.read(bytes, at);
      if (header.sizeBytes() < BatchHeader.SIZE_BYTES) {
        throw new IllegalArgumentException("a batch of " + header.sizeBytes() + " bytes");
      }
      batches.put(header.baseOffset(), bytes.slice(at, header.sizeBytes()));
      at += header.sizeBytes();
    }
  }

  /** The batches the reference holds from {@code offset} on that begin before {@code endOffset}. */
  ByteBuffer read(ColdReference reference, long offset, long endOffset) {
    var batches = batches(reference);
    var from = batches.subMap(offset, endOffset);
    if (from.isEmpty() || from.firstKey() != offset) {
      throw new Violation(reference + " does not hold offset " + offset);
    }
    var bytes = ByteBuffer.allocate(from.values().stream().mapToInt(ByteBuffer::remaining).sum());
    from.values().forEach(batch -> bytes.put(batch.duplicate()));
    return bytes.flip();
  }

  private TreeMap<Long, ByteBuffer> batches(ColdReference reference) {
    var contents = objects.get(reference.object().key());
    var batches = contents == null ? null : contents.get(reference.partition());
    if (batches == null) {
      throw new Violation(reference + " names what was never uploaded, or was deleted");
    }
    return batches;
  }
}
