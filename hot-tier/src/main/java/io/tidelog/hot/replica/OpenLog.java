package io.tidelog.hot.replica;

import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.hot.runtime.ReplicaLog;
import io.tidelog.hot.view.TermHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The log that a driver has open, as its machine may see it. Belongs to the log's lane. */
final class OpenLog implements LocalLog {

  private final LeadsGivenAway given;
  private ReplicaLog replica;
  private @Nullable LogDriver leading;

  OpenLog(ReplicaLog replica, LeadsGivenAway given) {
    this.replica = replica;
    this.given = given;
  }

  /** As long as the process holds the log, in whatever term. */
  LeadsGivenAway given() {
    return given;
  }

  ReplicaLog replica() {
    return replica;
  }

  /** What leads it, or null while it follows. */
  @Nullable LogDriver leading() {
    return leading;
  }

  void onOpened(ReplicaLog opened) {
    replica = opened;
    leading = null;
  }

  /** Leads no more, if it did: completes when it may be opened anew. */
  CompletionStage<Void> depose() {
    var driver = leading;
    leading = null;
    return driver == null ? replica.abandon() : driver.depose();
  }

  /** Leads no more, and is left as by an orderly stop. */
  CompletionStage<Void> leave() {
    var driver = leading;
    leading = null;
    return driver == null ? replica.stop() : driver.leave();
  }

  void onLeading(LogDriver driver) {
    leading = driver;
  }

  @Override
  public long startLsn() {
    return replica.startLsn();
  }

  @Override
  public long endLsn() {
    return replica.endLsn();
  }

  @Override
  public long syncedLsn() {
    return replica.syncedLsn();
  }

  @Override
  public long commitLsn() {
    return leading == null ? replica.commitLsn() : leading.commitLsn();
  }

  @Override
  public long lastTerm() {
    return replica.lastTerm();
  }

  @Override
  public List<TermStart> history() {
    var history = replica.history();
    List<TermStart> terms = new ArrayList<>(history.count());
    for (int i = 0; i < history.count(); i++) {
      terms.add(new TermStart(history.termAt(i), history.startLsnAt(i)));
    }
    return terms;
  }

  @Override
  public long agreedLsn(List<TermStart> theirs, long theirEndLsn) {
    var history = TermHistory.EMPTY;
    long lastLsn = -1;
    long lastTerm = -1;
    for (var term : theirs) {
      if (term.term() <= lastTerm || term.lsn() <= lastLsn) {
        return TermHistory.UNKNOWN; // no log has such a history
      }
      lastTerm = term.term();
      lastLsn = term.lsn();
      history = history.with(lastTerm, lastLsn);
    }
    return replica.history().commonEndLsn(endLsn(), history, theirEndLsn);
  }

  @Override
  public boolean mayFollow(long segmentBaseLsn) {
    return replica.mayFollow(segmentBaseLsn);
  }

  @Override
  public long segmentBaseLsn(long lsn) {
    return replica.segmentBaseLsn(lsn);
  }
}
