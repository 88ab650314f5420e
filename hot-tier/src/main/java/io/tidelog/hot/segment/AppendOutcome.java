package io.tidelog.hot.segment;

import io.tidelog.core.Fault;

/** How {@link SegmentWriter#append} ended. */
public sealed interface AppendOutcome {

  /** It is in the file, not yet synced; readers may see it up to {@code endLsn}. */
  record Written(long endLsn) implements AppendOutcome {}

  /** Nothing was appended: the disk is full. The LSN of the group is given out again. */
  record Full(String message) implements AppendOutcome {}

  /** Nothing more can be appended until the process recovers the log anew. */
  record Failed(Fault.Broken fault) implements AppendOutcome {}
}
