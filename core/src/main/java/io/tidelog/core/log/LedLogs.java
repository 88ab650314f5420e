package io.tidelog.core.log;

import io.tidelog.core.LogId;
import java.util.Collection;

/**
 * The segment logs this node leads. A log is among them when its leader has applied all that was
 * there before its term, so that the partitions it shows are those it has. From any thread.
 */
public interface LedLogs {

  /** Those led now. */
  Collection<LedLog> led();

  /** Tells every change from now on, in order; the listener only posts to its lane. */
  void onChange(Listener listener);

  /** Told when a term begins or ends here. */
  interface Listener {

    void onBegan(LedLog log);

    void onEnded(LogId log, long term);
  }
}
