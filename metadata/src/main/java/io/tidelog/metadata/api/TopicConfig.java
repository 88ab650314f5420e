package io.tidelog.metadata.api;

import io.tidelog.core.log.PartitionConfig;

/**
 * The settings of a topic that hold now, parsed: its own, else the node's, else the default.
 *
 * @param maxMessageBytes largest batch taken
 * @param logAppendTime {@code message.timestamp.type=LogAppendTime}
 * @param timestampBeforeMaxMs how far a record's timestamp may lie behind the clock
 * @param timestampAfterMaxMs how far it may lie ahead
 * @param compressionType {@code producer} or the name of a codec
 * @param partition what the partitions' views depend on
 */
public record TopicConfig(
    int maxMessageBytes,
    boolean logAppendTime,
    long timestampBeforeMaxMs,
    long timestampAfterMaxMs,
    String compressionType,
    int minInSyncReplicas,
    PartitionConfig partition) {}
