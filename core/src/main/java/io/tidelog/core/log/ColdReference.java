package io.tidelog.core.log;

import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;

/** Where a stretch of a partition lies in the cold tier. */
public record ColdReference(ColdObject object, PartitionId partition, OffsetRange offsets) {}
