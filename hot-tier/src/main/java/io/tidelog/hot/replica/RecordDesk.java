package io.tidelog.hot.replica;

import io.tidelog.hot.disk.PromiseFile;
import io.tidelog.metadata.api.LogRecord;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes promises to the disk, and proposes and reads the log's record at the registry; tells the
 * machine what came of it. Lane.
 */
final class RecordDesk {

  private static final Logger LOG = LoggerFactory.getLogger(RecordDesk.class);

  private final ReplicaDriver.Parts parts;
  private final EffectLoop loop;
  private final ReplicaMachine machine;

  RecordDesk(ReplicaDriver.Parts parts, EffectLoop loop) {
    this.parts = parts;
    this.loop = loop;
    this.machine = loop.machine();
  }

  /** Beside the lane as a sync is: a takeover waits for it, and no other work is as urgent. */
  void keep(Promise promise) {
    parts
        .threads()
        .sync()
        .execute(
            () -> {
              try {
                new PromiseFile(promise.term(), promise.baseRevision()).write(parts.log().disk());
                loop.post(() -> machine.onPromised(promise, parts.nowNs()));
              } catch (IOException | RuntimeException e) {
                LOG.error(
                    "a promise cannot be written, nothing is taken over, log={}",
                    parts.log().log(),
                    e);
                loop.post(machine::onPromiseNotKept);
              }
            });
  }

  void propose(LogRecord next) {
    var unused =
        parts
            .registry()
            .propose(next)
            .whenComplete(
                (record, failure) -> {
                  if (failure == null) {
                    onRecord(record);
                  } else {
                    loop.post(() -> machine.onProposalFailed(parts.nowNs()));
                  }
                });
  }

  void read() {
    var unused =
        parts
            .registry()
            .read(parts.log().log())
            .whenComplete(
                (record, failure) -> {
                  if (record != null) {
                    onRecord(record);
                  }
                });
  }

  /** Any thread: the record as it was at some time. */
  void onRecord(LogRecord record) {
    loop.post(() -> machine.onRecord(record, parts.nowNs()));
  }
}
