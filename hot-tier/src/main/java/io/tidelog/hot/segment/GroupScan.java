package io.tidelog.hot.segment;

import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.ScanOutcome;
import java.nio.ByteBuffer;
import java.util.List;

/** What lies at an LSN where a write group may begin. */
public sealed interface GroupScan {

  /**
   * A whole and sound group.
   *
   * @param frames in order, the group's start first; they borrow the scanned bytes
   * @param bytes the group, from position to limit; a part of the scanned bytes
   */
  record Whole(Frame.GroupStart start, List<ScanOutcome.Found> frames, ByteBuffer bytes)
      implements GroupScan {}

  /** The bytes end, or only zeros follow. */
  record End() implements GroupScan {}

  /** No whole and sound group is here. */
  record Unsound(long lsn, String why) implements GroupScan {}

  /** Sound, and written by a newer version. */
  record UnknownType(long lsn, int type) implements GroupScan {}
}
