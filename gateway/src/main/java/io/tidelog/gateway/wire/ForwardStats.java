package io.tidelog.gateway.wire;

import org.apache.kafka.common.protocol.ApiKeys;

/**
 * What was asked of other nodes since the start, of one API, for metrics.
 *
 * @param requests given to a connection, made or not yet
 * @param sentBytes of them, as far as there was a connection
 * @param answers that came
 * @param answerBytes of them
 * @param answerMicros from each of these requests to its answer, summed up
 * @param lost requests that nobody answered and nobody will: the connection has ended, or was never
 *     made
 */
public record ForwardStats(
    ApiKeys api,
    long requests,
    long sentBytes,
    long answers,
    long answerBytes,
    long answerMicros,
    long lost) {}
