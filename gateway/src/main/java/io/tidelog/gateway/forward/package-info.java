/**
 * Serves clients of any partition from any gateway: says which node leads what a request asks for,
 * keeps the order of what one client sends, holds what nobody leads for the moment, and sends it
 * again where that is safe. Decides which gateway a client is told to use.
 *
 * <p>Everything mutable belongs to the event loop of the client's connection. No Kafka type appears
 * in this package; {@link io.tidelog.gateway.handler.forward} takes requests apart and puts answers
 * together.
 */
@NullMarked
package io.tidelog.gateway.forward;

import org.jspecify.annotations.NullMarked;
