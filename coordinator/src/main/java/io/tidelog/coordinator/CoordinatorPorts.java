package io.tidelog.coordinator;

import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.LedLogs;
import io.tidelog.core.log.LogAppender;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionAdmin;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.TopicAdmin;

/** What the coordinator needs of the rest of the node. */
public record CoordinatorPorts(
    LogAppender appender,
    LogReader reader,
    ColdReader coldReader,
    PartitionAdmin host,
    LedLogs led,
    ClusterImages images,
    TopicAdmin topics) {}
