package io.tidelog.metadata.placement;

import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.ClusterMembers.Counted;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import java.util.ArrayList;
import java.util.List;

/**
 * Logs to be made for a class. Only one of two who do so at the same time succeeds: both compare
 * how many logs the class was given.
 *
 * @param given how many the class was given before
 */
public record NewLogs(LogClass logClass, List<LogRecord> logs, Counted given) {

  private static final Counted NONE = new Counted(0, 0);

  /** Those, as the picture shows their class. */
  public static NewLogs of(ClusterView cluster, LogClass logClass, List<LogRecord> logs) {
    return new NewLogs(
        logClass, logs, cluster.members().logClasses().getOrDefault(logClass.key(), NONE));
  }

  /** What must hold to make them. */
  public List<Txn.Compare> compares() {
    return List.of(Txn.Compare.unchangedSince(logClass.key(), given.modRevision()));
  }

  /** What makes them. */
  public List<Txn.Op> puts() {
    var ops = new ArrayList<Txn.Op>();
    ops.add(
        new Txn.Op.Put(
            logClass.key(), StoredValues.number(given.number() + logs.size()), Entry.NO_LEASE));
    logs.forEach(
        log -> ops.add(new Txn.Op.Put(Keys.log(log.id()), StoredValues.log(log), Entry.NO_LEASE)));
    return ops;
  }
}
