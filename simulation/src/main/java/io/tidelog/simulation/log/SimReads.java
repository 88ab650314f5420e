package io.tidelog.simulation.log;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.hot.runtime.LogDriver;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Clients that read, by offset and by time, and hold what they get for a while: segments may be
 * trimmed and memory used again meanwhile, and the bytes must stay. What cannot be answered now is
 * asked again.
 */
public final class SimReads {

  private static final int READ_BYTES = 30_000;
  private static final long RETRY_MS = 5;
  private static final int LONGEST_HOLD_MS = 40;

  private final VirtualTime time;
  private final VirtualTime.Life world;
  private final Supplier<VirtualTime.Life> life;
  private final LongSupplier latestWallMs;
  private final boolean mayLeadNoMore;
  private final SimColdTier cold;
  private final Expectations expectations;
  private final Random random;
  private final Supplier<@Nullable LogDriver> driver;
  private boolean isHealed;

  /**
   * Those who take part in a read.
   *
   * @param life of the node that serves
   * @param latestWallMs the latest that any node's wall clock ever showed
   * @param mayLeadNoMore whether another node may lead when the answer comes
   */
  public record Parts(
      VirtualTime time,
      VirtualTime.Life world,
      Supplier<VirtualTime.Life> life,
      LongSupplier latestWallMs,
      SimColdTier cold,
      Expectations expectations,
      boolean mayLeadNoMore) {}

  public SimReads(Parts parts, Random random, Supplier<@Nullable LogDriver> driver) {
    this.time = parts.time();
    this.world = parts.world();
    this.life = parts.life();
    this.latestWallMs = parts.latestWallMs();
    this.mayLeadNoMore = parts.mayLeadNoMore();
    this.cold = parts.cold();
    this.expectations = parts.expectations();
    this.random = random;
    this.driver = driver;
  }

  /** From now on no read may fail for good. */
  public void onHealed() {
    isHealed = true;
  }

  /**
   * Reads once from the offset, or from the log start when that lies behind it.
   *
   * @param next told where the read got to; never when the node dies meanwhile
   */
  public void read(LogDriver from, SimPartition partition, long offset, LongConsumer next) {
    from.read(
        new ReadRequest(partition.id(), offset, READ_BYTES, true, ReadRequest.UpTo.VISIBLE_END),
        result -> {
          switch (result) {
            case ReadResult.Records(var at, var bytes) -> {
              expectations.checkStart(partition, at, latestWallMs.getAsLong());
              hold(() -> next.accept(seen(partition, bytes, offset)), bytes);
            }
            case ReadResult.Cold found ->
                hold(() -> seenCold(partition, found, offset, next), RecordBytes.EMPTY);
            case ReadResult.OutOfRange(var at) -> {
              expectations.checkStart(partition, at, latestWallMs.getAsLong());
              if (offset >= at.logStartOffset()) {
                throw new Violation(partition.id() + " offset " + offset + " out of range: " + at);
              }
              next.accept(at.logStartOffset());
            }
            case ReadResult.UnknownPartition _ -> {
              if (!partition.isClosing() && !mayLeadNoMore) {
                throw new Violation(partition.id() + " is unknown to the log");
              }
            }
            case ReadResult.Failed(var fault) ->
                again(fault, now -> read(now, partition, offset, next));
          }
        });
  }

  private long seen(SimPartition partition, RecordBytes bytes, long offset) {
    return expectations.onSeen(partition.id(), copy(bytes), offset, latestWallMs.getAsLong());
  }

  private void seenCold(
      SimPartition partition, ReadResult.Cold found, long offset, LongConsumer next) {
    var reference = found.references().getFirst();
    if (mayLeadNoMore && partition.mayLoseObjects() && !cold.has(reference)) {
      // Whoever was paused with an old reference meets nothing, and asks again.
      again(
          new Fault.Retriable("what has expired, or moved, is gone"),
          now -> read(now, partition, offset, next));
      return;
    }
    var records = cold.read(reference, offset, found.at().visibleEndOffset());
    next.accept(expectations.onSeen(partition.id(), records, offset, latestWallMs.getAsLong()));
  }

  /** Runs the task after a while, unless the node dies before, and closes the bytes. */
  private void hold(Runnable task, RecordBytes bytes) {
    time.afterMs(
        random.nextInt(LONGEST_HOLD_MS),
        life.get(),
        () -> {
          try (bytes) {
            task.run();
          }
        });
  }

  private interface Question {
    void ask(LogDriver now);
  }

  /** A retriable failure is asked again, as by whoever serves a client. */
  private void again(Fault fault, Question question) {
    if (isHealed && !(fault instanceof Fault.Retriable)) {
      throw new Violation("a read failed: " + fault);
    }
    time.afterMs(
        RETRY_MS,
        world,
        () -> {
          var now = driver.get();
          if (isHealed && now != null) {
            question.ask(now);
          }
        });
  }

  /** Searches by time and compares with what a plain list says. */
  public void find(LogDriver from, SimPartition partition, long timestampMs, long fromOffset) {
    from.findByTime(
        new TimeRequest(partition.id(), timestampMs, fromOffset),
        result -> {
          switch (result) {
            case ReadResult.Records(var at, var bytes) ->
                hold(() -> found(partition, at, timestampMs, fromOffset, bytes), bytes);
            case ReadResult.Cold(var at, var references) ->
                hold(
                    () -> {
                      if (mayLeadNoMore && !references.stream().allMatch(cold::has)) {
                        return;
                      }
                      long start = Math.max(fromOffset, at.logStartOffset());
                      long offset = cold.find(references, timestampMs, start);
                      long end = references.getLast().offsets().end();
                      if (offset >= at.visibleEndOffset()) {
                        expectations.onFound(partition.id(), at, timestampMs, fromOffset, -1);
                      } else if (offset >= 0) {
                        expectations.onFound(partition.id(), at, timestampMs, fromOffset, offset);
                      } else if (end < at.visibleEndOffset()) {
                        var now = driver.get();
                        if (now != null) {
                          find(now, partition, timestampMs, end);
                        }
                      }
                    },
                    RecordBytes.EMPTY);
            case ReadResult.Failed(var fault) ->
                again(fault, now -> find(now, partition, timestampMs, fromOffset));
            case ReadResult.OutOfRange _, ReadResult.UnknownPartition _ -> {}
          }
        });
  }

  private void found(
      SimPartition partition,
      PartitionSnapshot at,
      long timestampMs,
      long fromOffset,
      RecordBytes bytes) {
    long offset = -1;
    if (bytes.sizeBytes() > 0) {
      var batch = BatchHeader.read(copy(bytes), 0);
      offset = batch.baseOffset();
      if (batch.maxTimestampMs() < timestampMs) {
        throw new Violation(partition.id() + " finds offset " + offset + ", which is older");
      }
    }
    expectations.onFound(partition.id(), at, timestampMs, fromOffset, offset);
  }

  private static ByteBuffer copy(RecordBytes bytes) {
    var copy = ByteBuffer.allocate(bytes.sizeBytes());
    for (var part : bytes.parts()) {
      copy.put(part.bytes().duplicate());
    }
    return copy.flip();
  }
}
