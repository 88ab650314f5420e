package io.tidelog.metadata.api;

import java.util.function.Consumer;

/** Publishes each new picture of the cluster. */
public interface ClusterImages {

  /** The newest picture, from any thread. */
  ClusterImage current();

  /**
   * Registers who is told each new picture, in order, on the metadata lane; first the current one.
   * It does not block and does not throw.
   */
  void onChange(Consumer<ClusterImage> listener);
}
