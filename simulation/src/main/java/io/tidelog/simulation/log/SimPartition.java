package io.tidelog.simulation.log;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSpec;

/** A partition as those who administer it know it. */
public final class SimPartition {

  private final PartitionId id;
  private PartitionConfig config;
  private boolean isClosing;
  private boolean mayMove;

  /** Below it records may have been deleted on request; below {@code deletedEnd} they were. */
  private long deletableEnd;

  private long deletedEnd;

  /** The least that was ever in force, −1 when nothing was ever to expire. */
  private long leastRetentionMs = -1;

  public SimPartition(PartitionId id, PartitionConfig config) {
    this.id = id;
    this.config = config;
    onConfigured(config);
  }

  public PartitionId id() {
    return id;
  }

  public PartitionSpec spec() {
    return spec(0);
  }

  public PartitionSpec spec(int baseEpoch) {
    return new PartitionSpec(id, baseEpoch, config);
  }

  /** It may move to another log, which leaves some of its cold objects behind. */
  public void onMayMove() {
    mayMove = true;
  }

  /** Whether what a reader was told of may be gone from the object store when it comes. */
  boolean mayLoseObjects() {
    return mayMove || leastRetentionMs >= 0;
  }

  public PartitionConfig config() {
    return config;
  }

  /** The settings are on their way, and may hold from now on. */
  void onConfigured(PartitionConfig wanted) {
    config = wanted;
    long retentionMs = wanted.retentionMs();
    if (retentionMs >= 0) {
      leastRetentionMs =
          leastRetentionMs < 0 ? retentionMs : Math.min(leastRetentionMs, retentionMs);
    }
  }

  boolean isClosing() {
    return isClosing;
  }

  void onClosing() {
    isClosing = true;
  }

  public void onDeleteAsked(long offset) {
    deletableEnd = Math.max(deletableEnd, offset);
  }

  public void onDeleted(long logStartOffset) {
    deletedEnd = Math.max(deletedEnd, logStartOffset);
  }

  long deletableEnd() {
    return deletableEnd;
  }

  public long deletedEnd() {
    return deletedEnd;
  }

  long leastRetentionMs() {
    return leastRetentionMs;
  }
}
