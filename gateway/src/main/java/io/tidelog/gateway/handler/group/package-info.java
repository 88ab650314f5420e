/**
 * Answers the requests about consumer groups and their offsets, one class for each API key, by
 * asking Kafka's group coordinator. Handlers hold no state; groups belong to the coordinator.
 */
@NullMarked
package io.tidelog.gateway.handler.group;

import org.jspecify.annotations.NullMarked;
