package io.tidelog.simulation.cluster;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.hot.format.Frame;
import io.tidelog.simulation.log.Violation;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A partition is written in one log at a time; what another log takes over is what was committed,
 * all of it, before it is opened there and before it is forgotten where it was; leader epochs rise
 * with every move. Looks at committed frames only.
 */
final class PartitionsHaveOneHome {

  private enum Stage {
    IMPORTING,
    IMPORTED,
    OPEN,
    CLOSED
  }

  /** A partition in one log. */
  private static final class Resident {
    final PartitionId id;
    Stage stage;
    int baseEpoch;

    /** Of the move it comes or leaves by. */
    long moveEpoch;

    /** Of the next record to come in. */
    long nextOffset;

    Resident(PartitionId id, Stage stage) {
      this.id = id;
      this.stage = stage;
    }

    boolean isIn(Stage wanted, long epoch) {
      return stage == wanted && moveEpoch == epoch;
    }
  }

  private final OffsetsAreContiguous offsets;
  private final boolean mayMove;
  private final Function<PartitionId, LogId> storedHomes;
  private final Map<LogId, Map<Integer, Resident>> logs = new LinkedHashMap<>();
  private final Map<PartitionId, Long> highestEpochs = new HashMap<>();

  /** Hashes of the batches that were committed, by base offset; only when partitions move. */
  private final Map<PartitionId, Map<Long, Integer>> batches = new HashMap<>();

  private long moves;

  /**
   * @param mayMove whether any moves at all
   * @param storedHomes where a partition lives by the store's newest word
   */
  PartitionsHaveOneHome(
      OffsetsAreContiguous offsets, boolean mayMove, Function<PartitionId, LogId> storedHomes) {
    this.offsets = offsets;
    this.mayMove = mayMove;
    this.storedHomes = storedHomes;
  }

  /** How many moves were done. */
  long moves() {
    return moves;
  }

  /** What is told of the frames of one log. */
  LogsAreIdentical.FrameListener in(LogId log) {
    logs.put(log, new LinkedHashMap<>());
    return (frame, lsn, nowNs) -> {
      switch (frame) {
        case Frame.PartitionOpen open -> onOpen(log, open);
        case Frame.RecordsFrame records -> onRecords(log, records, nowNs);
        case Frame.ImportBegin begin -> onImportBegin(log, begin);
        case Frame.ImportEnd end -> onImportEnd(log, end);
        case Frame.MoveOpen open -> onMoveOpen(log, open, nowNs);
        case Frame.MoveStep step -> onStep(log, step);
        default -> {}
      }
    };
  }

  private Map<Integer, Resident> residents(LogId log) {
    return Objects.requireNonNull(logs.get(log));
  }

  private void onOpen(LogId log, Frame.PartitionOpen open) {
    if (highestEpochs.putIfAbsent(open.id(), 0L) != null) {
      throw new Violation(open.id() + " is opened anew");
    }
    var resident = new Resident(open.id(), Stage.OPEN);
    resident.baseEpoch = open.baseEpoch();
    add(log, open.partitionRef(), resident);
  }

  private void add(LogId log, int ref, Resident resident) {
    if (residents(log).put(ref, resident) != null) {
      throw new Violation("partition reference " + ref + " is used twice");
    }
  }

  private void onRecords(LogId log, Frame.RecordsFrame records, long nowNs) {
    var resident = residents(log).get(records.partitionRef());
    if (resident == null) {
      throw new Violation("records of partition " + records.partitionRef() + ", never opened");
    }
    switch (resident.stage) {
      case OPEN -> {
        offsets.onAppended(log, resident.id, records, nowNs);
        highestEpochs.merge(resident.id, resident.baseEpoch + records.term(), Math::max);
        if (mayMove) {
          hashes(records).forEach(known(resident.id)::put);
        }
      }
      case IMPORTING -> onImported(resident, records);
      case IMPORTED, CLOSED ->
          throw new Violation(resident.id + " is " + resident.stage + " and takes records");
    }
  }

  private Map<Long, Integer> known(PartitionId id) {
    return batches.computeIfAbsent(id, same -> new HashMap<>());
  }

  private void onImported(Resident resident, Frame.RecordsFrame records) {
    if (records.baseOffset() != resident.nextOffset) {
      throw new Violation(
          resident.id
              + " comes in from "
              + records.baseOffset()
              + ", wanted is "
              + resident.nextOffset);
    }
    hashes(records)
        .forEach(
            (offset, hash) -> {
              if (!hash.equals(known(resident.id).get(offset))) {
                throw new Violation(resident.id + " comes in with other bytes at offset " + offset);
              }
            });
    resident.nextOffset = records.endOffset();
  }

  private static Map<Long, Integer> hashes(Frame.RecordsFrame records) {
    var hashes = new LinkedHashMap<Long, Integer>();
    ByteBuffer bytes = records.batches();
    for (int at = bytes.position(); at < bytes.limit(); ) {
      var batch = BatchHeader.read(bytes, at);
      var crc = new CRC32C();
      crc.update(bytes.duplicate().limit(at + batch.sizeBytes()).position(at));
      hashes.put(batch.baseOffset(), (int) crc.getValue());
      at += batch.sizeBytes();
    }
    return hashes;
  }

  private static @Nullable Resident find(Map<Integer, Resident> residents, PartitionId id) {
    for (var resident : residents.values()) {
      if (resident.id.equals(id)) {
        return resident;
      }
    }
    return null;
  }

  /** As it is in another log, or null. */
  private @Nullable Resident elsewhere(LogId here, PartitionId id) {
    for (var log : logs.keySet()) {
      var found = log.equals(here) ? null : find(residents(log), id);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private void onImportBegin(LogId log, Frame.ImportBegin begin) {
    if (find(residents(log), begin.id()) != null) {
      return; // it stands otherwise by now
    }
    long from = begin.history().fromOffset();
    if (from > offsets.end(begin.id())) {
      throw new Violation(begin.id() + " begins to come in behind its end, at " + from);
    }
    var resident = new Resident(begin.id(), Stage.IMPORTING);
    resident.moveEpoch = begin.moveEpoch();
    resident.nextOffset = from;
    add(log, begin.partitionRef(), resident);
  }

  private void onImportEnd(LogId log, Frame.ImportEnd end) {
    var resident = residents(log).get(end.partitionRef());
    if (resident == null || !resident.isIn(Stage.IMPORTING, end.moveEpoch())) {
      return;
    }
    resident.stage = Stage.IMPORTED;
    var source = elsewhere(log, resident.id);
    boolean mayBeOver = source == null || source.moveEpoch > end.moveEpoch();
    if (source != null && !mayBeOver && !source.isIn(Stage.CLOSED, end.moveEpoch())) {
      boolean isReopened = source.stage == Stage.OPEN && source.moveEpoch == end.moveEpoch();
      if (!isReopened) {
        throw new Violation(resident.id + " has come in whole while its source is not closed");
      }
    }
  }

  private void onMoveOpen(LogId log, Frame.MoveOpen open, long nowNs) {
    var resident = residents(log).get(open.partitionRef());
    if (resident == null || !resident.isIn(Stage.IMPORTED, open.moveEpoch())) {
      return;
    }
    var id = resident.id;
    var source = elsewhere(log, id);
    if (source != null && !source.isIn(Stage.CLOSED, open.moveEpoch())) {
      throw new Violation(id + " is opened in a second log, in the first it is " + source.stage);
    }
    if (!storedHomes.apply(id).equals(log)) {
      throw new Violation(id + " is opened where it does not live");
    }
    if (resident.nextOffset != offsets.end(id)) {
      throw new Violation(
          id + " is opened up to " + resident.nextOffset + ", committed is " + offsets.end(id));
    }
    if (open.baseEpoch() + open.term() <= highestEpochs.getOrDefault(id, 0L)) {
      throw new Violation(
          id
              + " goes on in leader epoch "
              + (open.baseEpoch() + open.term())
              + ", after "
              + highestEpochs.get(id));
    }
    resident.stage = Stage.OPEN;
    resident.baseEpoch = open.baseEpoch();
    offsets.onMoved(log, id, nowNs);
    moves++;
  }

  private void onStep(LogId log, Frame.MoveStep step) {
    var resident = residents(log).get(step.partitionRef());
    if (resident == null) {
      return;
    }
    long epoch = step.moveEpoch();
    var other = elsewhere(log, resident.id);
    switch (step.step()) {
      case CLOSE -> {
        if (resident.stage == Stage.OPEN) {
          resident.stage = Stage.CLOSED;
          resident.moveEpoch = epoch;
        }
      }
      case REOPEN -> {
        if (resident.isIn(Stage.CLOSED, epoch)) {
          if (other != null && (other.stage == Stage.OPEN || other.stage == Stage.CLOSED)) {
            throw new Violation(resident.id + " is opened again, and is in another log");
          }
          if (!storedHomes.apply(resident.id).equals(log)) {
            throw new Violation(resident.id + " is opened again where it does not live");
          }
          resident.stage = Stage.OPEN;
        }
      }
      case RELEASE -> {
        if (resident.isIn(Stage.CLOSED, epoch)) {
          if (other == null || other.stage == Stage.IMPORTING) {
            throw new Violation(resident.id + " is forgotten before another log has all of it");
          }
          if (storedHomes.apply(resident.id).equals(log)) {
            throw new Violation(resident.id + " is forgotten where it lives");
          }
          residents(log).remove(step.partitionRef());
        }
      }
      case DROP -> {
        if (resident.isIn(Stage.IMPORTING, epoch) || resident.isIn(Stage.IMPORTED, epoch)) {
          if (other == null || other.stage == Stage.IMPORTING || other.stage == Stage.IMPORTED) {
            throw new Violation(resident.id + " is dropped where it comes to, and is nowhere else");
          }
          residents(log).remove(step.partitionRef());
        }
      }
    }
  }
}
