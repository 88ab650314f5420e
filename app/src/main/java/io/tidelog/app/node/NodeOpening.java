package io.tidelog.app.node;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.core.Clock;
import java.util.Map;
import java.util.UUID;

/**
 * What the parts of a node are opened with.
 *
 * @param settings those of {@code config} with every port chosen
 * @param data used by a node that holds logs only
 * @param incarnation of this process
 */
record NodeOpening(
    NodeParts parts,
    NodeConfig config,
    Map<String, String> settings,
    DataFolder data,
    NodeMetadata metadata,
    UUID incarnation,
    Clock clock) {}
