package io.tidelog.hot.replica;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.segment.CheckpointCopy;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers a leader's checkpoint that comes in parts. Asks again for what does not come, and begins
 * again when the leader has a newer one. Belongs to the log's lane.
 */
final class CheckpointFetch {

  private final ReplicaEffect.CopyCheckpoint copy;
  private @Nullable ByteBuffer file;
  private long checkpointLsn = -1;
  private long firstLsn;
  private long askNs;

  CheckpointFetch(ReplicaEffect.CopyCheckpoint copy, long nowNs) {
    this.copy = copy;
    this.askNs = nowNs;
  }

  int nodeId() {
    return copy.nodeId();
  }

  /** Whether it is time to ask, for the first time or again. */
  boolean isDue(long nowNs) {
    return nowNs >= askNs;
  }

  /** What to ask for; it is asked for again when it has not come by then. */
  ReplicaMessage.CheckpointWanted ask(ReplicaId self, long againNs) {
    askNs = againNs;
    return new ReplicaMessage.CheckpointWanted(
        copy.term(), copy.nonce(), self, file == null ? 0 : file.position());
  }

  /** Gives the whole checkpoint when this was the last part; else the next one may be asked for. */
  @Nullable CheckpointCopy onPart(ReplicaMessage.CheckpointPart part, int maxBytes, long nowNs) {
    if (part.term() != copy.term() || part.nonce() != copy.nonce() || part.sizeBytes() > maxBytes) {
      return null;
    }
    var gathered = file;
    if (gathered == null || part.checkpointLsn() != checkpointLsn) {
      gathered = ByteBuffer.allocate((int) part.sizeBytes());
      file = gathered;
      checkpointLsn = part.checkpointLsn();
      firstLsn = part.segmentBaseLsn();
    }
    if (part.position() == gathered.position()
        && part.bytes().remaining() <= gathered.remaining()) {
      gathered.put(part.bytes());
    }
    askNs = nowNs;
    return gathered.hasRemaining()
        ? null
        : new CheckpointCopy(checkpointLsn, firstLsn, gathered.flip());
  }
}
