package io.tidelog.core.log;

import io.tidelog.core.LogId;
import java.util.Collection;
import java.util.List;

/**
 * The segment logs this node leads. A log is among them when its leader has applied all that was
 * there before its term, so that the partitions it shows are those it has. From any thread.
 */
public interface LedLogs {

  /** Those led now. */
  Collection<LedLog> led();

  /** Tells every change from now on, in order; the listener only posts to its lane. */
  void onChange(Listener listener);

  /** The one log of a node by itself. */
  static LedLogs only(LedLog log) {
    return new LedLogs() {
      @Override
      public Collection<LedLog> led() {
        return List.of(log);
      }

      @Override
      public void onChange(Listener listener) {
        // It is led from the first to the last.
      }
    };
  }

  /** Told when a term begins or ends here. */
  interface Listener {

    void onBegan(LedLog log);

    void onEnded(LogId log, long term);
  }
}
