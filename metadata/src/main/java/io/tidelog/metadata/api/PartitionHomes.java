package io.tidelog.metadata.api;

import io.tidelog.core.LogId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which segment log each partition of a topic lives in, kept as runs of neighbours that share a
 * home, so that ten thousand partitions in one log take one entry; and which of them are to move to
 * another. Both are one value in the store: nobody ever sees that a move is over and not where the
 * partition is.
 *
 * @param moves by partition
 */
public record PartitionHomes(List<Run> runs, SortedMap<Integer, Move> moves) {

  public PartitionHomes {
    runs = List.copyOf(runs);
    moves = Collections.unmodifiableSortedMap(new TreeMap<>(moves));
    int end = 0;
    var left = moves.entrySet().iterator();
    var next = left.hasNext() ? left.next() : null;
    for (var run : runs) {
      int start = end;
      end += run.count();
      while (next != null && next.getKey() >= start && next.getKey() < end) {
        if (next.getValue().to().equals(run.log())) {
          throw new IllegalArgumentException("partition " + next.getKey() + " moves to its home");
        }
        next = left.hasNext() ? left.next() : null;
      }
    }
    if (next != null) {
      throw new IllegalArgumentException("partition " + next.getKey() + " of " + end + " moves");
    }
  }

  /** None of them moves. */
  public PartitionHomes(List<Run> runs) {
    this(runs, new TreeMap<>());
  }

  /** {@code count} partitions in one log. */
  public static PartitionHomes inOneLog(int count, LogId log) {
    return new PartitionHomes(List.of(new Run(count, log, 0)));
  }

  public int count() {
    int count = 0;
    for (var run : runs) {
      count += run.count();
    }
    return count;
  }

  public LogId home(int partition) {
    return run(partition).log();
  }

  /** Added to the log's term it gives the leader epoch clients see. */
  public int baseEpoch(int partition) {
    return run(partition).baseEpoch();
  }

  /** Where a partition is to move, or null. */
  public @Nullable Move move(int partition) {
    return moves.get(partition);
  }

  /** These homes and {@code more} partitions behind them, which do not move. */
  public PartitionHomes append(PartitionHomes more) {
    var joined = new ArrayList<Run>(runs);
    more.runs.forEach(run -> addTo(joined, run));
    return new PartitionHomes(joined, moves);
  }

  /** The same homes; these partitions move, and no others. */
  public PartitionHomes withMoves(SortedMap<Integer, Move> next) {
    return new PartitionHomes(runs, next);
  }

  /** The partition stays where it is. */
  public PartitionHomes withoutMove(int partition) {
    var left = new TreeMap<>(moves);
    left.remove(partition);
    return withMoves(left);
  }

  /**
   * The partition lives elsewhere, and moves no more.
   *
   * @throws IndexOutOfBoundsException when there is no such partition
   */
  public PartitionHomes withHome(int partition, LogId log, int baseEpoch) {
    run(partition);
    var split = new ArrayList<Run>();
    int start = 0;
    for (var run : runs) {
      int at = partition - start;
      if (at < 0 || at >= run.count()) {
        addTo(split, run);
      } else {
        int behind = run.count() - at - 1;
        if (at > 0) {
          addTo(split, new Run(at, run.log(), run.baseEpoch()));
        }
        addTo(split, new Run(1, log, baseEpoch));
        if (behind > 0) {
          addTo(split, new Run(behind, run.log(), run.baseEpoch()));
        }
      }
      start += run.count();
    }
    return new PartitionHomes(split, withoutMove(partition).moves);
  }

  /** As a run of its own, or as the end of the one before. */
  private static void addTo(List<Run> runs, Run run) {
    var last = runs.isEmpty() ? null : runs.getLast();
    if (last != null && last.log().equals(run.log()) && last.baseEpoch() == run.baseEpoch()) {
      runs.removeLast();
      runs.add(new Run(last.count() + run.count(), run.log(), run.baseEpoch()));
    } else {
      runs.add(run);
    }
  }

  private Run run(int partition) {
    int before = 0;
    for (var run : runs) {
      before += run.count();
      if (partition < before && partition >= 0) {
        return run;
      }
    }
    throw new IndexOutOfBoundsException("partition " + partition + " of " + before);
  }

  /** Neighbouring partitions with one home. */
  public record Run(int count, LogId log, int baseEpoch) {

    public Run {
      if (count < 1 || baseEpoch < 0) {
        throw new IllegalArgumentException(
            "a run of " + count + " partitions with base epoch " + baseEpoch);
      }
    }
  }

  /**
   * A partition is to move.
   *
   * @param epoch the store's revision at its begin; {@link #BEGINS} in a value that is not stored
   *     yet
   */
  public record Move(LogId to, long epoch) {

    /** As {@link #epoch}: the revision at which it is stored. */
    public static final long BEGINS = 0;

    public Move {
      if (epoch < 0) {
        throw new IllegalArgumentException("a move with epoch " + epoch);
      }
    }
  }
}
