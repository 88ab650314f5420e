package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.hot.segment.SegmentRead;
import io.tidelog.hot.segment.SegmentReads;
import io.tidelog.hot.view.PublishedRuns;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads partitions from what the lane has published, without entering it: from memory and the page
 * cache inside the call, from the disk on a reader thread, and by reference what is only in the
 * cold tier. Safe for any number of threads.
 */
final class LogReads {

  /** References of one answer: a reader comes back for more. */
  private static final int MAX_REFERENCES = 64;

  private static final Logger LOG = LoggerFactory.getLogger(LogReads.class);

  private final PartitionPublisher published;
  private final SegmentReads segments;
  private final Executor readers;
  private final LogCounters counters;
  private final Clock clock;

  /** On the monotonic clock: what is asked later is not answered from here. */
  private volatile long serveUntilNs;

  /** So that a client that asks again and again does not fill the operator's log. */
  private volatile @Nullable Damage lastDamage;

  private record Damage(PartitionId partition, long offset) {}

  /** What reads work with; {@code readers} may block and reject when too many reads wait. */
  record Parts(
      PartitionPublisher published,
      SegmentReads segments,
      Executor readers,
      LogCounters counters,
      Clock clock) {}

  LogReads(Parts parts, long serveUntilNs) {
    this.published = parts.published();
    this.segments = parts.segments();
    this.readers = parts.readers();
    this.counters = parts.counters();
    this.clock = parts.clock();
    this.serveUntilNs = serveUntilNs;
  }

  /**
   * What is asked later is answered as if nothing were here: another process may lead by then.
   *
   * @param ns on the monotonic clock; {@link Long#MAX_VALUE} for no end, {@link Long#MIN_VALUE}
   *     when nothing is answered
   */
  void serveUntil(long ns) {
    serveUntilNs = ns;
  }

  /** Whether it is certain that nobody else leads. */
  boolean mayAnswer() {
    return clock.monotonicNs() <= serveUntilNs; // a difference to an end of the range overflows
  }

  private @Nullable PartitionSlot find(PartitionId partition) {
    return mayAnswer() ? published.find(partition) : null;
  }

  @Nullable PartitionSnapshot snapshot(PartitionId partition) {
    var slot = find(partition);
    return slot == null ? null : slot.get().at();
  }

  EpochEnd endOfEpoch(PartitionId partition, int leaderEpoch) {
    var slot = find(partition);
    if (slot == null) {
      return EpochEnd.NONE;
    }
    var now = slot.get();
    return now.epochs().endOfEpoch(leaderEpoch, now.at().leaderEpoch(), now.at().logEndOffset());
  }

  void read(ReadRequest request, ReadCompletion completion) {
    var slot = find(request.partition());
    if (slot == null) {
      completion.onCompleted(new ReadResult.UnknownPartition());
      return;
    }
    var now = slot.get();
    var at = now.at();
    long offset = request.fetchOffset();
    if (offset < at.logStartOffset() || offset > at.logEndOffset()) {
      completion.onCompleted(new ReadResult.OutOfRange(at));
      return;
    }
    long end =
        request.upTo() == ReadRequest.UpTo.VISIBLE_END ? at.visibleEndOffset() : at.highWatermark();
    if (offset >= end) {
      completion.onCompleted(new ReadResult.Records(at, RecordBytes.EMPTY));
    } else if (offset < at.localLogStartOffset()) {
      completion.onCompleted(cold(now, now.trimmedRuns(), now.trimmedRuns().indexOf(offset)));
    } else {
      var read =
          new SegmentRead(
              slot.partitionRef(), offset, end, request.maxBytes(), request.atLeastOneBatch());
      readHot(now, read, completion);
    }
  }

  /**
   * What is committed from an offset on, visible or not, also before the log start: for another log
   * that takes the partition over. What is in the cold tier only is {@link ReadResult.Cold}.
   *
   * @param fromOffset where a batch begins that the partition has
   */
  void readBatches(
      PartitionId partition, long fromOffset, int maxBytes, ReadCompletion completion) {
    var slot = find(partition);
    if (slot == null) {
      completion.onCompleted(new ReadResult.UnknownPartition());
      return;
    }
    var now = slot.get();
    long end = now.at().highWatermark();
    var trimmed = now.trimmedRuns();
    if (fromOffset > end) {
      completion.onCompleted(new ReadResult.OutOfRange(now.at()));
    } else if (fromOffset == end) {
      completion.onCompleted(new ReadResult.Records(now.at(), RecordBytes.EMPTY));
    } else if (trimmed.indexOf(fromOffset) < trimmed.count()) {
      completion.onCompleted(cold(now, trimmed, trimmed.indexOf(fromOffset)));
    } else {
      readHot(
          now, new SegmentRead(slot.partitionRef(), fromOffset, end, maxBytes, true), completion);
    }
  }

  private void readHot(PartitionSlot.Published now, SegmentRead read, ReadCompletion completion) {
    long start = read.startOffset();
    @Nullable ReadResult atOnce;
    try {
      atOnce = withoutWaiting(now, read);
    } catch (Fault.Broken damage) {
      atOnce = damaged(now, start, damage.getMessage());
    } catch (Fault fault) {
      atOnce = new ReadResult.Failed(fault);
    }
    if (atOnce != null) {
      completion.onCompleted(atOnce);
    } else {
      readOnThread(() -> checked(now, () -> segments.fromFiles(read), start, start), completion);
    }
  }

  private @Nullable ReadResult withoutWaiting(PartitionSlot.Published now, SegmentRead read) {
    var bytes = segments.fromMemory(read);
    if (bytes != null) {
      return new ReadResult.Records(now.at(), bytes);
    }
    var cached = segments.fromCache(read);
    return cached == null ? null : checked(now, cached, read.startOffset(), read.startOffset());
  }

  private ReadResult checked(
      PartitionSlot.Published now,
      Supplier<RecordBytes> source,
      long heldOffset,
      long startOffset) {
    RecordBytes bytes;
    try {
      bytes = source.get();
    } catch (Fault.Broken damage) {
      return damaged(now, startOffset, damage.getMessage());
    }
    return checked(now, bytes, heldOffset, startOffset);
  }

  /**
   * The records of a file, or where else they are when these are not what was written.
   *
   * @param heldOffset an offset that the first batch holds, or {@link RecordCheck#ANY_OFFSET}
   * @param startOffset where to read on in the cold tier
   */
  private ReadResult checked(
      PartitionSlot.Published now, RecordBytes bytes, long heldOffset, long startOffset) {
    @Nullable String damage;
    try {
      damage = RecordCheck.damageIn(bytes, heldOffset, now.epochs());
    } catch (RuntimeException | Error e) {
      bytes.close();
      throw new Fault.Broken("segment cannot be read", e);
    }
    if (damage == null) {
      return new ReadResult.Records(now.at(), bytes);
    }
    bytes.close();
    return damaged(now, startOffset, damage);
  }

  private ReadResult damaged(
      PartitionSlot.Published now, long startOffset, @Nullable String damage) {
    counters.damagedReads.incrementAndGet();
    var id = now.at().id();
    boolean isTiered = startOffset < now.at().tieredEndOffset();
    if (!new Damage(id, startOffset).equals(lastDamage)) {
      lastDamage = new Damage(id, startOffset);
      LOG.error(
          "records on the disk are damaged, they are {}, partition={} offset={} reason={}",
          isTiered ? "read from the cold tier" : "refused",
          id,
          startOffset,
          damage);
    }
    return isTiered
        ? cold(now, now.tieredRuns(), now.tieredRuns().indexOf(startOffset))
        : new ReadResult.Failed(
            new Fault.Broken(
                "records are damaged, partition=" + id + " offset=" + startOffset + ": " + damage));
  }

  private void readOnThread(Supplier<ReadResult> read, ReadCompletion completion) {
    try {
      readers.execute(() -> completion.onCompleted(result(read)));
    } catch (RejectedExecutionException e) {
      completion.onCompleted(
          new ReadResult.Failed(new Fault.Retriable("too many reads are waiting", e)));
    }
  }

  private static ReadResult result(Supplier<ReadResult> read) {
    try {
      return read.get();
    } catch (Fault fault) {
      return new ReadResult.Failed(fault);
    } catch (RuntimeException | Error e) {
      return new ReadResult.Failed(new Fault.Broken("a read failed", e));
    }
  }

  /** References from a run on. */
  private ReadResult cold(PartitionSlot.Published now, PublishedRuns runs, int firstRun) {
    var covered = published.covered();
    List<ColdReference> references = new ArrayList<>();
    for (int i = firstRun; i < runs.count() && references.size() < MAX_REFERENCES; i++) {
      var object = covered.find(runs.segmentBaseLsn(i));
      if (object == null) {
        break;
      }
      var offsets = runs.offsets(i);
      references.add(new ColdReference(object, now.at().id(), offsets));
    }
    return references.isEmpty()
        ? new ReadResult.Failed(
            new Fault.Retriable("the log start is moving, partition=" + now.at().id()))
        : new ReadResult.Cold(now.at(), references);
  }

  void findByTime(TimeRequest request, ReadCompletion completion) {
    var slot = find(request.partition());
    if (slot == null) {
      completion.onCompleted(new ReadResult.UnknownPartition());
      return;
    }
    var now = slot.get();
    var at = now.at();
    long from = Math.max(request.fromOffset(), at.logStartOffset());
    int run = firstTrimmedRun(now, from, request.timestampMs());
    if (run < now.trimmedRuns().count()) {
      completion.onCompleted(cold(now, now.trimmedRuns(), run));
      return;
    }
    long hotFrom = Math.max(from, at.localLogStartOffset());
    var hot = new OffsetRange(Math.min(hotFrom, at.visibleEndOffset()), at.visibleEndOffset());
    if (hot.isEmpty()) {
      completion.onCompleted(new ReadResult.Records(at, RecordBytes.EMPTY));
      return;
    }
    var read =
        new SegmentRead(slot.partitionRef(), hot.start(), hot.end(), Integer.MAX_VALUE, true);
    readOnThread(
        () ->
            checked(
                now,
                () -> segments.firstAtOrAfter(read, request.timestampMs()),
                RecordCheck.ANY_OFFSET,
                hot.start()),
        completion);
  }

  /**
   * The first run from the offset on that is in the cold tier only and reaches the time, or how
   * many there are. What reaches it may lie before the offset, and then the search goes on behind.
   */
  private static int firstTrimmedRun(PartitionSlot.Published now, long from, long timestampMs) {
    var runs = now.trimmedRuns();
    int run = runs.indexOf(from);
    while (run < runs.count()
        && runs.offsets(run).start() < now.at().visibleEndOffset()
        && runs.maxTimestampMs(run) < timestampMs) {
      run++;
    }
    return run < runs.count() && runs.offsets(run).start() >= now.at().visibleEndOffset()
        ? runs.count()
        : run;
  }
}
