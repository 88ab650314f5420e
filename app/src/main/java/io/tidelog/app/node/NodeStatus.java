package io.tidelog.app.node;

/**
 * A node in a few numbers, for people. What is counted is counted since the start.
 *
 * @param hotBytes bytes of the segment log on disk
 * @param segments segment files on disk, the active one included
 * @param deletedBytes of segments deleted here, since the cold tier has them
 * @param coldReadBytes loaded from the object store to answer reads
 */
public record NodeStatus(
    long hotBytes,
    int segments,
    long deletedBytes,
    long uploadedObjects,
    long uploadedBytes,
    long coldReadBytes) {}
