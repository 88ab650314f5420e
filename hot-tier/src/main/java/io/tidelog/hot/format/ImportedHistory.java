package io.tidelog.hot.format;

import io.tidelog.core.log.PartitionConfig;
import java.util.List;

/**
 * With what the import of a partition begins: all of it that is in the cold tier, which is not
 * copied.
 *
 * @param fromOffset first offset that is to come as records, where a batch begins
 * @param cold in offset order without a gap, up to {@code fromOffset}
 */
public record ImportedHistory(PartitionConfig config, long fromOffset, List<ColdStretch> cold) {

  public ImportedHistory {
    cold = List.copyOf(cold);
    for (int i = 0; i < cold.size(); i++) {
      long end = cold.get(i).offsets().end();
      long next = i + 1 < cold.size() ? cold.get(i + 1).offsets().start() : fromOffset;
      if (end != next) {
        throw new IllegalArgumentException("cold up to offset " + end + ", the next is at " + next);
      }
    }
    if (fromOffset < 0) {
      throw new IllegalArgumentException("an import from offset " + fromOffset);
    }
  }

  /** First offset of all. */
  public long startOffset() {
    return cold.isEmpty() ? fromOffset : cold.getFirst().offsets().start();
  }
}
