package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.hot.TestBatches;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.FrameCodec;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.format.GroupEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A segment log and beside it a model of what was written to it. Does on one thread what lanes do.
 */
final class TestLog {

  static final LogId LOG = new LogId(new UUID(1, 2));

  /** Small enough that a few groups roll a segment and leave the ring. */
  static final SegmentConfig SMALL =
      new SegmentConfig(
          32 << 10, 60_000, 16 << 10, 4 << 10, 16 << 10, 1, 4 << 10, 8 << 10, 16 << 10);

  final LogDisk disk;
  final Random random;
  final SegmentLog log;
  final FrameCodec codec = new FrameCodec(LOG);
  final Map<Integer, List<Batch>> partitions = new TreeMap<>();
  final Map<Integer, Long> endOffsets = new TreeMap<>();
  final List<Group> groups = new ArrayList<>();
  long term = 1;
  long nowMs = 1_000_000;
  long commitLsn;

  record Batch(long baseOffset, long endOffset, long maxTimestampMs, byte[] bytes) {}

  /**
   * @param endOffsets of every partition, after the group
   */
  record Group(long lsn, long endLsn, long commitLsn, Map<Integer, Long> endOffsets) {}

  TestLog(LogDisk disk, Random random) {
    this(disk, random, SMALL, ReplayStart.BEGINNING, (frame, lsn, base) -> {});
  }

  TestLog(
      LogDisk disk, Random random, SegmentConfig config, ReplayStart start, FrameVisitor visitor) {
    this.disk = disk;
    this.random = random;
    this.log = SegmentLog.recover(parts(disk, config), start, CopyStanding.COUNTED, visitor);
    this.commitLsn = log.recovered().commitLsn();
    this.term = log.recovered().lastTerm() + 1;
  }

  static SegmentLog.Parts parts(LogDisk disk, SegmentConfig config) {
    return new SegmentLog.Parts(
        disk,
        LOG,
        config,
        Runnable::run,
        e -> {
          throw new UncheckedIOException(e);
        });
  }

  SegmentWriter writer() {
    return log.writer();
  }

  /** Appends a group with a frame for each of some partitions. */
  AppendOutcome appendRandom(int partitionCount, int maxBodyBytes) {
    List<Frame.RecordsFrame> frames = new ArrayList<>();
    List<List<Batch>> added = new ArrayList<>();
    int frameCount = 1 + random.nextInt(4);
    int first = random.nextInt(partitionCount);
    for (int i = 0; i < Math.min(frameCount, partitionCount); i++) {
      var batches = new ArrayList<Batch>();
      frames.add(records((first + i) % partitionCount, maxBodyBytes, batches));
      added.add(batches);
    }
    var outcome = append(frames, SegmentWriter.Urgency.ORDINARY);
    if (outcome instanceof AppendOutcome.Written) {
      for (int i = 0; i < frames.size(); i++) {
        of(frames.get(i).partitionRef()).addAll(added.get(i));
      }
    }
    return outcome;
  }

  private Frame.RecordsFrame records(int ref, int maxBodyBytes, List<Batch> batches) {
    long base = endOffset(ref);
    long next = base;
    var all = ByteBuffer.allocate(4 * (maxBodyBytes + 61));
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      int records = 1 + random.nextInt(5);
      long timestampMs = nowMs - random.nextInt(5_000);
      var batch =
          TestBatches.batch(random, next, records, random.nextInt(maxBodyBytes), timestampMs);
      byte[] bytes = new byte[batch.remaining()];
      batch.get(0, bytes);
      all.put(batch);
      batches.add(new Batch(next, next + records, timestampMs, bytes));
      next += records;
    }
    return new Frame.RecordsFrame(ref, term, nowMs, base, (int) (next - base), all.flip());
  }

  AppendOutcome append(List<? extends Frame> frames, SegmentWriter.Urgency urgency) {
    int size = FrameFormat.GROUP_START_BYTES;
    for (var frame : frames) {
      size += FrameCodec.sizeOf(frame);
    }
    long lsn = writer().endLsn();
    var memory = writer().reserve(size);
    var group = new GroupEncoder(codec, memory, lsn);
    frames.forEach(group::add);
    group.finish(term, nowMs, commitLsn);
    memory.flip();
    var outcome = writer().append(memory, urgency);
    if (outcome instanceof AppendOutcome.Written written) {
      assertThat(written.endLsn()).isEqualTo(lsn + size);
      for (var frame : frames) {
        if (frame instanceof Frame.RecordsFrame records) {
          endOffsets.put(records.partitionRef(), records.endOffset());
        }
      }
      groups.add(new Group(lsn, lsn + size, commitLsn, Map.copyOf(endOffsets)));
    }
    nowMs += random.nextInt(1_000);
    return outcome;
  }

  void sync() {
    var task = writer().beginSync();
    if (task != null) {
      try {
        task.run();
        writer().onSynced(task);
        commitLsn = writer().syncedLsn();
      } catch (IOException e) {
        throw writer().onSyncFailed(task, e);
      }
    }
  }

  void sealAll() throws IOException {
    for (var sealed : writer().takeSealed()) {
      var seal = log.seal(sealed);
      seal.run();
      writer().onSealed(seal);
    }
  }

  List<Batch> of(int ref) {
    return partitions.computeIfAbsent(ref, r -> new ArrayList<>());
  }

  long endOffset(int ref) {
    return endOffsets.getOrDefault(ref, 0L);
  }

  /** What a read must give, by the model. */
  byte[] expected(SegmentRead read) {
    var bytes = new ByteArrayOutputStream();
    for (var batch : of(read.partitionRef())) {
      if (batch.endOffset() <= read.startOffset()) {
        continue;
      }
      boolean fits =
          bytes.size() + batch.bytes().length <= read.maxBytes()
              || (read.atLeastOne() && bytes.size() == 0);
      if (batch.endOffset() > read.endOffset() || !fits || read.startOffset() >= read.endOffset()) {
        break;
      }
      bytes.writeBytes(batch.bytes());
    }
    return bytes.toByteArray();
  }
}
