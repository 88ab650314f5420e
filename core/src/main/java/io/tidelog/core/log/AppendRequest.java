package io.tidelog.core.log;

import io.tidelog.core.PartitionId;
import java.nio.ByteBuffer;

/**
 * Record batches for one partition.
 *
 * @param records whole v2 batches that passed {@link io.tidelog.core.BatchCheck}; lent until {@code
 *     completion} is called. The lane stamps base offset and leader epoch in place, which lie
 *     outside the batch checksum.
 * @param expectedBaseOffset the offset the first record must get, or {@link #ANY_OFFSET}; another
 *     one is refused with {@code OFFSET_OUT_OF_RANGE} and nothing is written
 */
public record AppendRequest(
    PartitionId partition,
    ByteBuffer records,
    Acks acks,
    long expectedBaseOffset,
    AppendCompletion completion) {

  /** The lane gives out the next offset, whatever it is. */
  public static final long ANY_OFFSET = -1;
}
