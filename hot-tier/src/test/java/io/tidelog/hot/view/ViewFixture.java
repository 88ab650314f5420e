package io.tidelog.hot.view;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.hot.format.Frame;
import java.util.UUID;

/** A view and a log that exists only as the frames applied to it; each frame takes 100 bytes. */
public final class ViewFixture {

  public static final LogId LOG = new LogId(new UUID(1, 1));
  public static final PartitionConfig PLAIN =
      new PartitionConfig(-1, -1, -2, -2, false, true, 0, -1);

  private static final int FRAME_BYTES = 100;

  public final LogView view;
  public long term = 1;
  public long timeMs = 1_000;
  public long segmentBaseLsn;
  private long lsn;

  public ViewFixture() {
    this(ProducerLimits.DEFAULT);
  }

  public ViewFixture(ProducerLimits limits) {
    this(LOG, limits);
  }

  public ViewFixture(LogId log, ProducerLimits limits) {
    this.view = new LogView(log, limits, new ListDelayGates());
  }

  public static PartitionId partition(int number) {
    return new PartitionId(new UUID(0, 9), number);
  }

  public static PartitionConfig delayed(long delayMs) {
    return new PartitionConfig(-1, -1, -2, -2, false, true, delayMs, -1);
  }

  public FramePlace place() {
    var place = new FramePlace(lsn, lsn + FRAME_BYTES, segmentBaseLsn);
    lsn += FRAME_BYTES;
    return place;
  }

  public void apply(Frame frame) {
    view.apply(frame, place());
  }

  /** Begins a segment and gives the base LSN of the one before. */
  public long roll() {
    long before = segmentBaseLsn;
    segmentBaseLsn = lsn;
    return before;
  }

  public PartitionView open(int number, PartitionConfig config) {
    apply(
        new Frame.PartitionOpen(
            term, timeMs, view.nextPartitionRef(), partition(number), 0, config));
    return get(number);
  }

  public PartitionView get(int number) {
    var found = view.find(partition(number));
    if (found == null) {
      throw new AssertionError("partition " + number + " is not open");
    }
    return found;
  }

  public void append(int number, TestBatch batch) {
    var partition = get(number);
    long offset = partition.nextOffset();
    var bytes = batch.bytesAt(offset);
    int records = bytes.getInt(57);
    apply(new Frame.RecordsFrame(partition.ref(), term, timeMs, offset, records, bytes));
  }

  public ColdObject object(long baseLsn, long endLsn) {
    return new ColdObject(LOG, term, baseLsn, endLsn, "object-" + baseLsn, 10, 5, 3);
  }

  public void offload(long baseLsn, long endLsn) {
    apply(new Frame.ColdCommit(term, timeMs, object(baseLsn, endLsn)));
  }

  public void logStart(int number, long offset) {
    apply(new Frame.LogStart(term, timeMs, get(number).ref(), offset));
  }

  public long lsn() {
    return lsn;
  }
}
