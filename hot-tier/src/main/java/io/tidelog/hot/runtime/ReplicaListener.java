package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;

/** Told, on the lane, what became of a log that follows. */
public interface ReplicaListener {

  /** Everything below is on stable storage here: it may be acknowledged. */
  void onSynced(long syncedLsn);

  /** Nothing can be written until the log is opened anew. */
  void onBroken(Fault.Broken fault);

  /** Nobody has to be told. */
  ReplicaListener NONE =
      new ReplicaListener() {
        @Override
        public void onSynced(long syncedLsn) {}

        @Override
        public void onBroken(Fault.Broken fault) {}
      };
}
