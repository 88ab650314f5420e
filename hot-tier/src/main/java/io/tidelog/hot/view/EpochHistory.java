package io.tidelog.hot.view;

import io.tidelog.core.log.EpochEnd;
import io.tidelog.hot.format.ImportedState.EpochStart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which leader epoch wrote from which offset on (KIP-101, KIP-279). Immutable, so that readers may
 * have it. Holds epochs that wrote something; one that wrote nothing ends where it began, and the
 * answers are the same without it.
 */
public final class EpochHistory {

  /** Nothing was written yet. */
  public static final EpochHistory EMPTY = new EpochHistory(new int[0], new long[0]);

  private final int[] epochs;
  private final long[] startOffsets;

  private EpochHistory(int[] epochs, long[] startOffsets) {
    this.epochs = epochs;
    this.startOffsets = startOffsets;
  }

  /** This history, and {@code epoch} wrote from {@code startOffset} on. */
  public EpochHistory with(int epoch, long startOffset) {
    int count = epochs.length;
    if (count > 0 && epochs[count - 1] >= epoch) {
      return this;
    }
    var newEpochs = Arrays.copyOf(epochs, count + 1);
    var newStarts = Arrays.copyOf(startOffsets, count + 1);
    newEpochs[count] = epoch;
    newStarts[count] = startOffset;
    return new EpochHistory(newEpochs, newStarts);
  }

  /** Without the epochs all of whose records lie before {@code logStartOffset}. */
  public EpochHistory from(long logStartOffset) {
    int drop = 0;
    while (drop + 1 < epochs.length && startOffsets[drop + 1] <= logStartOffset) {
      drop++;
    }
    return drop == 0
        ? this
        : new EpochHistory(
            Arrays.copyOfRange(epochs, drop, epochs.length),
            Arrays.copyOfRange(startOffsets, drop, startOffsets.length));
  }

  /**
   * Answers OffsetForLeaderEpoch.
   *
   * @param currentEpoch the epoch that writes now
   * @param logEndOffset where the current epoch ends
   */
  public EpochEnd endOfEpoch(int epoch, int currentEpoch, long logEndOffset) {
    if (epoch < 0 || epoch > currentEpoch) {
      return EpochEnd.NONE;
    }
    if (epoch == currentEpoch) {
      return new EpochEnd(epoch, logEndOffset);
    }
    int higher = 0;
    while (higher < epochs.length && epochs[higher] <= epoch) {
      higher++;
    }
    long end = higher < epochs.length ? startOffsets[higher] : logEndOffset;
    return new EpochEnd(higher == 0 ? epoch : epochs[higher - 1], end);
  }

  /** The epoch that wrote the record at an offset, −1 when it is not remembered. */
  public int epochOf(long offset) {
    int at = epochs.length - 1;
    while (at >= 0 && startOffsets[at] > offset) {
      at--;
    }
    return at < 0 ? -1 : epochs[at];
  }

  /** The newest epoch that wrote something, −1 when none did. */
  public int lastEpoch() {
    return epochs.length == 0 ? -1 : epochs[epochs.length - 1];
  }

  List<EpochStart> starts() {
    List<EpochStart> starts = new ArrayList<>(epochs.length);
    for (int i = 0; i < epochs.length; i++) {
      starts.add(new EpochStart(epochs[i], startOffsets[i]));
    }
    return starts;
  }

  int count() {
    return epochs.length;
  }

  int epochAt(int index) {
    return epochs[index];
  }

  long startOffsetAt(int index) {
    return startOffsets[index];
  }
}
