package io.tidelog.gateway.fetch;

import io.tidelog.gateway.fetch.SessionDecision.SessionError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a fetch tells the client; whoever holds it closes the bytes.
 *
 * @param sessionId 0 when there is no session
 */
public record SessionAnswer(
    @Nullable SessionError error, int sessionId, List<PartitionAnswer> partitions) {}
