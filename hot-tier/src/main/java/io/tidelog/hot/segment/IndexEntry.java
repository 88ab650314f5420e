package io.tidelog.hot.segment;

/**
 * A frame of records as an index knows it.
 *
 * @param position of the frame's first batch in the segment file
 * @param sizeBytes of its batches
 */
record IndexEntry(
    int partitionRef,
    long baseOffset,
    long endOffset,
    long maxTimestampMs,
    int position,
    int sizeBytes) {}
