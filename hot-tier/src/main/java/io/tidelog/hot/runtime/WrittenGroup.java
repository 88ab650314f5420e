package io.tidelog.hot.runtime;

import io.tidelog.hot.format.Frame;
import io.tidelog.hot.view.AppendedRecords;
import io.tidelog.hot.view.FramePlace;
import java.util.List;

/**
 * A group in the log that is not committed yet. It borrows no record bytes.
 *
 * @param entries in log order
 * @param waiters told when it is committed
 */
record WrittenGroup(long endLsn, List<Entry> entries, List<CommitWaiter> waiters) {

  /** A frame and where it lies. */
  sealed interface Entry {
    FramePlace place();
  }

  record Records(AppendedRecords records, FramePlace place) implements Entry {}

  record Control(Frame frame, FramePlace place) implements Entry {}
}
