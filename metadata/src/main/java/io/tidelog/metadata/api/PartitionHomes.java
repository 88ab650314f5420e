package io.tidelog.metadata.api;

import io.tidelog.core.LogId;
import java.util.ArrayList;
import java.util.List;

/**
 * Which segment log each partition of a topic lives in, kept as runs of neighbours that share a
 * home, so that ten thousand partitions in one log take one entry.
 */
public record PartitionHomes(List<Run> runs) {

  public PartitionHomes {
    runs = List.copyOf(runs);
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

  /** These homes and {@code more} partitions behind them. */
  public PartitionHomes append(PartitionHomes more) {
    var joined = new ArrayList<Run>(runs);
    for (var run : more.runs) {
      var last = joined.isEmpty() ? null : joined.getLast();
      if (last != null && last.log().equals(run.log()) && last.baseEpoch() == run.baseEpoch()) {
        joined.removeLast();
        run = new Run(last.count() + run.count(), run.log(), run.baseEpoch());
      }
      joined.add(run);
    }
    return new PartitionHomes(joined);
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
}
