package io.tidelog.app.node;

/**
 * A node in a few numbers, for people.
 *
 * @param hotBytes bytes of the segment log on disk
 * @param segments segment files on disk, the active one included
 */
public record NodeStatus(long hotBytes, int segments, long uploadedObjects, long uploadedBytes) {

  /**
   * Segments that are in the cold tier and no longer here: all before the active one that are gone.
   */
  public long deletedSegments() {
    return Math.max(0, uploadedObjects - (segments - 1));
  }
}
