package io.tidelog.hot.runtime;

import io.tidelog.hot.format.Frame;
import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.view.AppendedRecords;
import io.tidelog.hot.view.FramePlace;
import io.tidelog.hot.view.LogView;
import java.util.ArrayList;
import java.util.List;

/**
 * A group in the log that is not committed yet. It borrows no record bytes.
 *
 * @param entries in log order
 * @param waiters told when it is committed
 */
record WrittenGroup(long endLsn, List<Entry> entries, List<CommitWaiter> waiters) {

  /** A group that nobody here waits for. */
  static WrittenGroup replicated(long endLsn, List<Entry> entries) {
    return new WrittenGroup(endLsn, entries, new ArrayList<>(0));
  }

  /** The leader's machine counts it as given out and not committed. */
  void tellPending(LogLeader leader) {
    for (var entry : entries) {
      switch (entry) {
        case Records records -> leader.onStillPending(records.records());
        case Control control -> leader.onStillPending(control.frame());
      }
    }
  }

  /** It is committed. */
  void applyTo(LogView view) {
    for (var entry : entries) {
      switch (entry) {
        case Records records -> view.apply(records.records(), records.place());
        case Control control -> view.apply(control.frame(), control.place());
      }
    }
  }

  /** A frame and where it lies. */
  sealed interface Entry {
    FramePlace place();

    /**
     * Of a frame, from which it borrows nothing.
     *
     * @throws IllegalArgumentException when a records frame holds no whole batches in offset order
     */
    static Entry of(Frame frame, FramePlace place) {
      return frame instanceof Frame.RecordsFrame records
          ? new Records(AppendedRecords.of(records), place)
          : new Control(frame, place);
    }
  }

  record Records(AppendedRecords records, FramePlace place) implements Entry {}

  record Control(Frame frame, FramePlace place) implements Entry {}
}
