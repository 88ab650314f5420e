package io.tidelog.delay;

import io.tidelog.core.log.DelayGate;
import io.tidelog.core.log.DelayGates;
import java.nio.ByteBuffer;

/** Makes gates that all keep the same limit. Pure; safe to call from any thread. */
public final class AppendTimeGates implements DelayGates {

  /** How many stretches with different due times a partition remembers one by one. */
  public static final int DEFAULT_PENDING_STRETCHES = 65_536;

  private final int pendingStretches;

  public AppendTimeGates() {
    this(DEFAULT_PENDING_STRETCHES);
  }

  /**
   * @param pendingStretches what is above it is merged and seen a little later; at least 4. Each
   *     takes 24 bytes of memory in a partition that has so many.
   */
  public AppendTimeGates(int pendingStretches) {
    if (pendingStretches < 4) {
      throw new IllegalArgumentException(pendingStretches + " pending stretches, at least 4");
    }
    this.pendingStretches = pendingStretches;
  }

  @Override
  public DelayGate create(long delayMs) {
    return new AppendTimeGate(delayMs, new PendingStretches(pendingStretches));
  }

  /**
   * @throws io.tidelog.core.Fault.Broken when the bytes are not what a gate saved
   */
  @Override
  public DelayGate restore(ByteBuffer saved) {
    return AppendTimeGate.restore(saved.slice(), pendingStretches);
  }
}
