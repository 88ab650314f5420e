package io.tidelog.hot.replica;

import io.tidelog.core.log.ReplicaId;

/**
 * A follower as it shows itself to the leader of one term. Written by {@link LeaderRole} only;
 * belongs to the log's lane.
 */
final class Peer {
  final ReplicaId id;
  long stream;
  long nextLsn;
  long writtenLsn = -1;
  long syncedLsn = -1;
  long ackedSentNs;
  long ackedNs;

  /** When it had, or had been sent, all that there was. */
  long caughtUpNs;

  /** The end of the log, as it was when the newest acknowledgement came, and when that was. */
  long targetLsn;

  long targetNs;

  /** It has acknowledged something in the stream, and so taken up its beginning. */
  boolean isOpen;

  boolean isSending;

  /** Its process is about to stop. */
  boolean isLeaving;

  Peer(ReplicaId id, long stream, long nextLsn, long nowNs) {
    this.id = id;
    this.stream = stream;
    this.nextLsn = nextLsn;
    this.ackedNs = nowNs;
    this.caughtUpNs = nowNs;
    this.targetLsn = Long.MAX_VALUE;
  }
}
