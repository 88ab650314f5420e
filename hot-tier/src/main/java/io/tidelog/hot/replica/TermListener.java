package io.tidelog.hot.replica;

import io.tidelog.core.PartitionId;
import io.tidelog.hot.runtime.LogDriver;
import java.util.Set;

/** Told, on the log's lane, of each term that this process leads. */
public interface TermListener {

  /**
   * The log is led here. It takes appends, which wait until that may be decided about them, and
   * serves nothing yet.
   *
   * @param partitions that it has, open or not
   */
  void onTaken(LogDriver driver, Set<PartitionId> partitions);

  /**
   * What was there before the term is applied, and the log may be served.
   *
   * @param revision of the registry, at which this node was agreed to lead
   */
  void onBegan(LogDriver driver, long revision);

  /** The term is over, whether or not it has begun. */
  void onEnded(LogDriver driver);
}
