package io.tidelog.gateway.wire;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * A request to another node.
 *
 * @param body records in it may be views of a received frame; they are sent from where they lie
 * @param onSent run once, when nobody needs these views any more, on the lane of the pipe
 */
public record OutgoingRequest(
    ApiKeys api, short version, String clientId, ApiMessage body, Runnable onSent) {}
