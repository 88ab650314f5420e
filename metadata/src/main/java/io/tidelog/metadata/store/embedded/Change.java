package io.tidelog.metadata.store.embedded;

import io.tidelog.metadata.api.Txn;
import java.util.List;

/** What the log keeps: the effect of a decision, so that replaying decides nothing. */
sealed interface Change {

  /** Puts and deletes of one transaction, which is the one of {@code revision}. */
  record Written(long revision, List<Txn.Op> ops) implements Change {}

  /** A lease came into being. */
  record Granted(long lease, long ttlMs) implements Change {}

  /**
   * A lease ended, by time or by its owner, and its keys went with it.
   *
   * @param revision the store's revision afterwards
   */
  record Ended(long lease, long revision) implements Change {}
}
