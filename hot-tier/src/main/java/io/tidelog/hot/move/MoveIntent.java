package io.tidelog.hot.move;

import io.tidelog.core.LogId;

/**
 * A partition is to move. It stands in the metadata store from its begin until the partition's home
 * is swapped, in the same transaction, or until it is cancelled; it never comes back.
 *
 * @param epoch the store's revision at its begin: later moves of a partition have higher ones
 */
public record MoveIntent(long epoch, LogId from, LogId to) {

  public MoveIntent {
    if (epoch <= 0 || from.equals(to)) {
      throw new IllegalArgumentException("move " + epoch + " from " + from + " to " + to);
    }
  }
}
