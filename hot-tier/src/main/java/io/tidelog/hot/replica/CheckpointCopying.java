package io.tidelog.hot.replica;

import io.tidelog.hot.segment.CheckpointCopy;
import org.jspecify.annotations.Nullable;

/**
 * Asks the leader for its checkpoint, one part after the other, until it is whole or not wanted any
 * more. Belongs to the log's lane.
 */
final class CheckpointCopying {

  /** A checkpoint is gathered in memory before it is written. */
  private static final int MAX_CHECKPOINT_BYTES = 1 << 30;

  private final ReplicaDriver.Parts parts;
  private final ReplicaMachine machine;
  private @Nullable CheckpointFetch fetch;

  CheckpointCopying(ReplicaDriver.Parts parts, ReplicaMachine machine) {
    this.parts = parts;
    this.machine = machine;
  }

  void begin(ReplicaEffect.CopyCheckpoint copy) {
    fetch = new CheckpointFetch(copy, parts.nowNs());
  }

  /** Stops asking; what is whole already is not taken back. */
  void forget() {
    if (fetch != null) {
      fetch = null;
      machine.onCopyForgotten(parts.nowNs());
    }
  }

  void onTick() {
    if (fetch != null && fetch.isDue(parts.nowNs())) {
      ask(fetch);
    }
  }

  private void ask(CheckpointFetch fetching) {
    parts
        .transport()
        .send(
            parts.log().log(),
            fetching.nodeId(),
            fetching.ask(machine.self(), parts.nowNs() + parts.config().silenceNs()));
  }

  /** Gives the checkpoint when it is whole; asks for the next part else. */
  @Nullable CheckpointCopy onPart(int from, ReplicaMessage.CheckpointPart part) {
    var fetching = fetch;
    if (fetching == null || fetching.nodeId() != from) {
      return null;
    }
    var copy = fetching.onPart(part, MAX_CHECKPOINT_BYTES, parts.nowNs());
    if (copy == null) {
      ask(fetching);
    } else {
      fetch = null;
    }
    return copy;
  }
}
