package io.tidelog.hot.move;

import io.tidelog.core.OffsetRange;

/**
 * What the leader of the source answers. All of it is committed there, so that whoever leads next
 * would say the same. Its driver keeps the records and whatever else came with it.
 *
 * @param request as asked
 * @param epoch of the move
 * @param isGone the first record asked for is only in the cold tier by now
 * @param offsets of the records that came, empty at where the import begins when that was asked
 * @param bytesLeft bytes of the records behind them
 * @param endOffset end of the partition when it is closed for this move, else {@link #OPEN}; then
 *     all else that is known of it came too
 */
public record SourceAnswer(
    long request, long epoch, boolean isGone, OffsetRange offsets, long bytesLeft, long endOffset) {

  /** As {@code endOffset}: clients may still append. */
  public static final long OPEN = -1;

  boolean isClosed() {
    return endOffset != OPEN;
  }
}
