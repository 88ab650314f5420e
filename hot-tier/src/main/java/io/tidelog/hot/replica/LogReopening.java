package io.tidelog.hot.replica;

import io.tidelog.core.Fault;
import io.tidelog.hot.runtime.LogOpener;
import io.tidelog.hot.runtime.ReplicaLog;
import io.tidelog.hot.segment.CopyStanding;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a log again when nothing works on its folder any more, after a change of the folder: cut,
 * replaced by a checkpoint, or as it is. What blocks runs in the background. Belongs to the log's
 * lane.
 */
final class LogReopening {

  private static final Logger LOG = LoggerFactory.getLogger(LogReopening.class);

  private final ReplicaDriver.Parts parts;
  private final Owner owner;

  /** Completes on the lane when the log is open again, or will not be. */
  private CompletableFuture<Void> ended = CompletableFuture.completedFuture(null);

  /** Whose log it is; called on the lane. */
  interface Owner {

    /** Whether it wants nothing of the log any more. */
    boolean isOver();

    /**
     * The log is open again.
     *
     * @param then what is to be told when it goes on
     */
    void onReopened(ReplicaLog opened, Runnable then);

    /** It cannot be opened. */
    void onNotReopened(Fault.Broken why);
  }

  /** What is done with the folder; it may be done again when it failed. */
  interface Change {
    void make() throws IOException;
  }

  private record Reopening(
      Change change, LogOpener.ReplicaParts again, Runnable then, CompletableFuture<Void> done) {}

  LogReopening(ReplicaDriver.Parts parts, Owner owner) {
    this.parts = parts;
    this.owner = owner;
  }

  /** Completes when what is under way has ended. */
  CompletionStage<Void> ended() {
    return ended;
  }

  /** When the log is closed: changes the folder, and opens it again. */
  void reopen(CompletionStage<Void> closed, Change change, CopyStanding standing, Runnable then) {
    var folder = parts.log();
    var again =
        new LogOpener.ReplicaParts(
            folder.disk(),
            folder.log(),
            folder.config(),
            folder.gates(),
            folder.clock(),
            folder.space(),
            standing);
    var task = new Reopening(change, again, then, new CompletableFuture<>());
    ended = task.done();
    var unused = closed.thenRun(() -> reopen(task));
  }

  private void reopen(Reopening task) {
    parts
        .threads()
        .background()
        .execute(
            () -> {
              try {
                task.change().make();
                var opened = LogOpener.openReplica(task.again(), parts.threads());
                parts.threads().lane().execute(() -> onReopened(opened, task));
              } catch (IOException | RuntimeException e) {
                parts.threads().lane().execute(() -> onNotReopened(task, failed(e)));
              }
            });
  }

  private Fault.Broken failed(Exception cause) {
    return new Fault.Broken("a replica failed, log=" + parts.log().log(), cause);
  }

  private void onReopened(ReplicaLog opened, Reopening task) {
    owner.onReopened(opened, task.then());
    task.done().complete(null);
  }

  /** A disk that is full or fails is tried again; each change may be made again. */
  private void onNotReopened(Reopening task, Fault.Broken why) {
    if (owner.isOver() || LogOpener.isDamage(why)) {
      owner.onNotReopened(why);
      task.done().complete(null);
      return;
    }
    LOG.error("log cannot be opened again, tried again, log={}", parts.log().log(), why);
    long againNs = parts.nowNs() + parts.config().retryNs();
    var unused = parts.threads().lane().executeAt(againNs, () -> reopen(task));
  }
}
