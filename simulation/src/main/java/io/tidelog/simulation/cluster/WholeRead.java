package io.tidelog.simulation.cluster;

import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.simulation.log.Expectations;
import io.tidelog.simulation.log.SimPartition;
import io.tidelog.simulation.log.Violation;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Reads a partition from its start to its end, from whoever leads, and compares it all. */
final class WholeRead {

  private static final int STEPS_BEFORE_ASKING_AGAIN = 2_000;

  private final SimPartition partition;
  private final Source source;
  private final Expectations expectations;

  /** Where to read. */
  interface Source {

    /**
     * Reads from the offset, if anybody leads; a negative one is not read.
     *
     * @param next told where the read got to, if it is answered
     * @return what the leader shows, or null
     */
    @Nullable PartitionSnapshot read(SimPartition partition, long offset, LongConsumer next);
  }

  WholeRead(SimPartition partition, Source source, Expectations expectations) {
    this.partition = partition;
    this.source = source;
    this.expectations = expectations;
  }

  /**
   * @param step lets time go on
   */
  void check(Runnable step) {
    var found = new TreeMap<Long, Long>();
    long start = -1;
    long reached = 0;
    long end = Long.MAX_VALUE;
    while (reached < end) {
      var at = source.read(partition, -1, next -> {});
      if (at == null) {
        step.run();
        continue;
      }
      end = at.visibleEndOffset();
      if (at.logStartOffset() > reached || start < 0) {
        start = at.logStartOffset(); // what expired meanwhile need not be there
        reached = start;
        found.clear();
      }
      if (reached < end) {
        long next = read(reached, step);
        found.putAll(expectations.known(partition.id(), reached, next));
        reached = next;
      }
    }
    expectations.checkWhole(partition.id(), start, found);
  }

  /** Reads until answered: a read dies with its node, and its successor is asked again. */
  private long read(long offset, Runnable step) {
    var reached = new long[] {-1};
    for (int steps = 0; reached[0] < 0; steps++) {
      if (steps % STEPS_BEFORE_ASKING_AGAIN == 0) {
        source.read(partition, offset, next -> reached[0] = next);
      }
      if (reached[0] < 0) {
        step.run();
      }
    }
    if (reached[0] == offset) {
      throw new Violation("a read of " + partition.id() + " at " + offset + " brings nothing");
    }
    return reached[0];
  }
}
