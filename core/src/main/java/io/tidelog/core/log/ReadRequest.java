package io.tidelog.core.log;

import io.tidelog.core.PartitionId;

/**
 * @param fetchOffset first offset wanted; the batch that contains it is read whole
 * @param maxBytes whole batches up to this size, but always at least one when {@code
 *     atLeastOneBatch}
 * @param upTo which end limits the read
 */
public record ReadRequest(
    PartitionId partition, long fetchOffset, int maxBytes, boolean atLeastOneBatch, UpTo upTo) {

  /** The end a read stops at. */
  public enum UpTo {
    /** What consumers may see: {@code visibleEndOffset}. */
    VISIBLE_END,
    /** What is committed, due or not: {@code highWatermark}. */
    HIGH_WATERMARK
  }
}
