package io.tidelog.metadata.placement;

import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.image.Keys;

/**
 * What the topics in a log ask of it.
 *
 * @param replicas replication factor
 * @param minInSync {@code min.insync.replicas}, at most {@code replicas}
 */
public record LogClass(int replicas, int minInSync) {

  public LogClass {
    if (minInSync < 1 || minInSync > replicas) {
      throw new IllegalArgumentException(minInSync + " of " + replicas + " replicas in sync");
    }
  }

  /** The class that has these; more in sync than there are replicas cannot be asked of a log. */
  public static LogClass of(int replicas, int minInSyncReplicas) {
    return new LogClass(replicas, Math.min(minInSyncReplicas, replicas));
  }

  public static LogClass of(LogRecord log) {
    return new LogClass(log.replicas().size(), log.minInSync());
  }

  /** Where the number of logs it was given is kept. */
  public String key() {
    return Keys.logClass(replicas, minInSync);
  }
}
