package io.tidelog.hot.replica;

import io.tidelog.hot.runtime.LogDriver;

/** Told, on the log's lane, when a term begins and ends here. */
public interface TermListener {

  /**
   * What was there before the term is applied, and the log may be served.
   *
   * @param revision of the registry, at which this node was agreed to lead
   */
  void onBegan(LogDriver driver, long revision);

  /** The driver of a term that has begun serves nothing more. */
  void onEnded(LogDriver driver);
}
