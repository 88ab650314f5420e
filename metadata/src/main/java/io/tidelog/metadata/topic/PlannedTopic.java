package io.tidelog.metadata.topic;

import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.placement.NewLogs;
import org.jspecify.annotations.Nullable;

/**
 * A topic to be created.
 *
 * @param newLogs the logs that must come into being with it, or null
 */
record PlannedTopic(TopicImage topic, @Nullable NewLogs newLogs) {}
