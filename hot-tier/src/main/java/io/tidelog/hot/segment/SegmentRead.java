package io.tidelog.hot.segment;

/**
 * What to read of one partition.
 *
 * @param startOffset the batch that contains it comes first
 * @param endOffset no batch that reaches behind it is read
 * @param maxBytes whole batches up to this size
 * @param atLeastOne the first batch is read even if it is larger
 */
public record SegmentRead(
    int partitionRef, long startOffset, long endOffset, int maxBytes, boolean atLeastOne) {}
