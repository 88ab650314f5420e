package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;
import io.tidelog.hot.segment.CheckpointCopy;
import io.tidelog.hot.segment.CheckpointFiles;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Reads the newest checkpoint to be sent to a new replica, and says from which segment on the log
 * is to be sent after it: the last one before which everything wanted is in the cold tier and in
 * the checkpoint.
 *
 * @param bases base LSNs of the segments that are here, ascending
 * @param coldEndLsn every wanted record in a segment below it is in the cold tier
 */
record CheckpointReading(CheckpointFiles checkpoints, List<Long> bases, long coldEndLsn) {

  /** The stage fails with {@link Fault.Retriable} when there is no checkpoint yet. */
  CompletionStage<CheckpointCopy> readOn(Executor background) {
    var read = new CompletableFuture<CheckpointCopy>();
    background.execute(
        () -> {
          var failure = BlockingTask.failureOf(() -> read.complete(read()));
          if (failure != null) {
            read.completeExceptionally(failure);
          }
        });
    return read;
  }

  private CheckpointCopy read() throws Exception {
    var file = checkpoints.readNewestFile();
    if (file == null) {
      throw new Fault.Retriable("there is no checkpoint yet");
    }
    long limit = Math.min(coldEndLsn, file.lsn());
    long first = bases.getFirst();
    for (long base : bases) {
      first = base <= limit ? base : first;
    }
    return file.from(first);
  }
}
