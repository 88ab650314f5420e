package io.tidelog.core.log;

import io.tidelog.core.LogId;

/**
 * A segment log that this node leads.
 *
 * @param term the term it leads in
 * @param revision the metadata store's, at which it was agreed that this node leads in this term;
 *     whoever closes partitions knows of everything up to it
 * @param partitions of this log alone; refuses with {@code Fenced} when the term is over
 */
public record LedLog(LogId log, long term, long revision, PartitionHost partitions) {}
