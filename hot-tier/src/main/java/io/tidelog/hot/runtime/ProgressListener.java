package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;

/** Told, on the lane, how far a log that is led here has got. */
public interface ProgressListener {

  /** Written up to here: it may be sent to other replicas, before it is synced. */
  void onWritten(long endLsn);

  /** This process has made it durable up to here. */
  void onSynced(long syncedLsn);

  /** Committed, applied, published and answered up to here. */
  void onCommitted(long commitLsn);

  /** Something that is wanted cannot be read here: somebody else has to lead, who has it whole. */
  void onUnreadable(Fault.Broken why);

  /** Nothing is written here any more: somebody else has to lead. */
  void onBroken(Fault.Broken fault);

  /** Nobody has to be told. */
  ProgressListener NONE =
      new ProgressListener() {
        @Override
        public void onWritten(long endLsn) {}

        @Override
        public void onSynced(long syncedLsn) {}

        @Override
        public void onCommitted(long commitLsn) {}

        @Override
        public void onUnreadable(Fault.Broken why) {}

        @Override
        public void onBroken(Fault.Broken fault) {}
      };
}
