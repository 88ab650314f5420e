package io.tidelog.core.log;

import java.nio.ByteBuffer;

/** Makes the gates of delayed partitions; pure. */
public interface DelayGates {

  DelayGate create(long delayMs);

  /** Restores {@link DelayGate#save}; borrows the buffer. */
  DelayGate restore(ByteBuffer saved);
}
