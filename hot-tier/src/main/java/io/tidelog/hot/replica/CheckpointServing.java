package io.tidelog.hot.replica;

import io.tidelog.core.Lane;
import io.tidelog.hot.runtime.ReplicaLog;
import io.tidelog.hot.segment.CheckpointCopy;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a leader's newest checkpoint to new replicas, part by part, as they ask for it. Keeps one
 * checkpoint in memory while it is asked for. Belongs to the log's lane.
 */
final class CheckpointServing {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointServing.class);
  private static final int PART_BYTES = 512 << 10;

  private final Lane lane;
  private @Nullable CheckpointCopy copy;
  private boolean isReading;

  CheckpointServing(Lane lane) {
    this.lane = lane;
  }

  /** Answers, now or when the checkpoint was read; an ask that comes meanwhile is not answered. */
  void serve(
      ReplicaLog log,
      ReplicaMessage.CheckpointWanted wanted,
      Consumer<ReplicaMessage.CheckpointPart> answer) {
    var kept = copy;
    if (kept != null && wanted.position() > 0) {
      answer.accept(part(kept, wanted));
    } else if (!isReading) {
      isReading = true;
      var unused =
          log.checkpointToSend()
              .whenComplete(
                  (read, failure) -> lane.execute(() -> onRead(read, failure, wanted, answer)));
    }
  }

  private void onRead(
      @Nullable CheckpointCopy read,
      @Nullable Throwable failure,
      ReplicaMessage.CheckpointWanted wanted,
      Consumer<ReplicaMessage.CheckpointPart> answer) {
    isReading = false;
    if (read == null) {
      LOG.warn("a checkpoint cannot be read for a new replica, it asks again", failure);
      return;
    }
    copy = read;
    answer.accept(part(read, wanted));
  }

  private static ReplicaMessage.CheckpointPart part(
      CheckpointCopy copy, ReplicaMessage.CheckpointWanted wanted) {
    var file = copy.file();
    int from = (int) Math.min(wanted.position(), file.remaining());
    int size = Math.min(PART_BYTES, file.remaining() - from);
    return new ReplicaMessage.CheckpointPart(
        wanted.term(),
        wanted.nonce(),
        copy.lsn(),
        copy.firstLsn(),
        from,
        file.remaining(),
        file.slice(file.position() + from, size));
  }

  /** Leads no more. */
  void forget() {
    copy = null;
  }
}
