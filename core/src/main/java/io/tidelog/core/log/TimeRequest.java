package io.tidelog.core.log;

import io.tidelog.core.PartitionId;

/**
 * @param timestampMs the first batch with a record at or after it is wanted
 * @param fromOffset batches that end at or before it are passed over, as are those before the log
 *     start
 */
public record TimeRequest(PartitionId partition, long timestampMs, long fromOffset) {}
