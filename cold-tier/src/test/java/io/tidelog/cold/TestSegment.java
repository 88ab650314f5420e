package io.tidelog.cold;

import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.core.log.SegmentRun;
import io.tidelog.core.log.SegmentRun.Extent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A segment file of random frames, with what a reader of each partition must find: the batches in
 * offset order. May be opened any number of times.
 */
public final class TestSegment {

  /** A batch as it must be read back. */
  public record Batch(OffsetRange offsets, long maxTimestampMs, byte[] bytes) {}

  private final LogId log;
  private final long term;
  private final long baseLsn;
  private final long endLsn;
  private final Path file;
  private final List<SegmentRun> runs;
  private final Map<PartitionId, List<Batch>> batches;

  private TestSegment(
      LogId log,
      long term,
      long baseLsn,
      long endLsn,
      Path file,
      List<SegmentRun> runs,
      Map<PartitionId, List<Batch>> batches) {
    this.log = log;
    this.term = term;
    this.baseLsn = baseLsn;
    this.endLsn = endLsn;
    this.file = file;
    this.runs = runs;
    this.batches = batches;
  }

  public Map<PartitionId, List<Batch>> batches() {
    return batches;
  }

  public long endLsn() {
    return endLsn;
  }

  public long baseLsn() {
    return baseLsn;
  }

  public Path file() {
    return file;
  }

  public List<SegmentRun> runs() {
    return runs;
  }

  public SealedSegment open() {
    return open(term);
  }

  public SealedSegment open(long inTerm) {
    try {
      return new Open(inTerm, FileChannel.open(file, StandardOpenOption.READ));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Open implements SealedSegment {
    private final long openTerm;
    private final FileChannel channel;

    Open(long openTerm, FileChannel channel) {
      this.openTerm = openTerm;
      this.channel = channel;
    }

    @Override
    public LogId log() {
      return log;
    }

    @Override
    public long term() {
      return openTerm;
    }

    @Override
    public long baseLsn() {
      return baseLsn;
    }

    @Override
    public long endLsn() {
      return endLsn;
    }

    @Override
    public List<SegmentRun> runs() {
      return runs;
    }

    @Override
    public FileChannel channel() {
      return channel;
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Writes segments of one log, one after the other, each partition's offsets going on. */
  public static final class Writer {
    private final LogId log;
    private final Path folder;
    private final SplittableRandom random;
    private final Map<PartitionId, Long> nextOffsets = new LinkedHashMap<>();
    private long baseLsn;
    private long nowMs = 1_000_000;
    private int maxPayloadBytes = 3_000;

    public Writer(LogId log, Path folder, SplittableRandom random) {
      this.log = log;
      this.folder = folder;
      this.random = random;
    }

    public Writer maxPayloadBytes(int bytes) {
      maxPayloadBytes = bytes;
      return this;
    }

    /** A segment of so many frames spread over the partitions. */
    public TestSegment write(long term, List<PartitionId> partitions, int frames) {
      var out = new ByteArrayOutputStream();
      var extents = new LinkedHashMap<PartitionId, List<Extent>>();
      var batches = new LinkedHashMap<PartitionId, List<Batch>>();
      for (int frame = 0; frame < frames; frame++) {
        out.writeBytes(new byte[random.nextInt(1, 60)]);
        var partition = partitions.get(random.nextInt(partitions.size()));
        nowMs += random.nextInt(100);
        addFrame(
            partition,
            (int) term,
            out,
            extents.computeIfAbsent(partition, p -> new ArrayList<>()),
            batches.computeIfAbsent(partition, p -> new ArrayList<>()));
      }
      var runs = new ArrayList<SegmentRun>();
      extents.forEach((partition, list) -> runs.add(run(partition, list)));
      runs.sort(Comparator.comparing(run -> run.partition().topicId()));
      return finish(term, out.toByteArray(), runs, batches);
    }

    private void addFrame(
        PartitionId partition,
        int epoch,
        ByteArrayOutputStream out,
        List<Extent> extents,
        List<Batch> batches) {
      long start = nextOffsets.getOrDefault(partition, 0L);
      long next = start;
      int position = out.size();
      long maxTimestamp = Long.MIN_VALUE;
      int count = random.nextInt(1, 4);
      for (int i = 0; i < count; i++) {
        int records = random.nextInt(1, 20);
        long timestamp = nowMs - random.nextInt(500);
        byte[] bytes =
            TestBatches.batch(
                next, records, timestamp, epoch, random.nextInt(maxPayloadBytes), random);
        batches.add(new Batch(new OffsetRange(next, next + records), timestamp, bytes));
        out.writeBytes(bytes);
        next += records;
        maxTimestamp = Math.max(maxTimestamp, timestamp);
      }
      nextOffsets.put(partition, next);
      extents.add(
          new Extent(
              new OffsetRange(start, next),
              position,
              out.size() - position,
              maxTimestamp,
              nowMs,
              epoch));
    }

    private static SegmentRun run(PartitionId partition, List<Extent> extents) {
      return new SegmentRun(
          partition,
          new OffsetRange(extents.getFirst().offsets().start(), extents.getLast().offsets().end()),
          extents.stream().mapToLong(Extent::maxTimestampMs).max().orElseThrow(),
          List.copyOf(extents));
    }

    private TestSegment finish(
        long term, byte[] bytes, List<SegmentRun> runs, Map<PartitionId, List<Batch>> batches) {
      long base = baseLsn;
      baseLsn += Math.max(1, bytes.length);
      var file = folder.resolve("%020d.seg".formatted(base));
      try (var channel =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new TestSegment(log, term, base, baseLsn, file, List.copyOf(runs), batches);
    }
  }
}
