package io.tidelog.hot.format;

import io.tidelog.core.OffsetRange;
import io.tidelog.core.log.ColdObject;

/**
 * A stretch of a partition in a cold object, as the log that has the partition knows it.
 *
 * @param object of whichever log made it
 * @param maxTimestampMs the largest time stamp of a record, −1 when no record has one
 * @param sizeBytes of the records
 * @param retainFromMs retention counts from here
 */
public record ColdStretch(
    ColdObject object,
    OffsetRange offsets,
    long maxTimestampMs,
    long sizeBytes,
    long retainFromMs) {}
