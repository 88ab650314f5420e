/**
 * Takes requests of the Kafka protocol apart by who leads what they ask for, and puts the answers
 * together; and answers, on the internal listener, what other gateways pass on. Everything mutable
 * belongs to the event loop of the client's connection.
 */
@NullMarked
package io.tidelog.gateway.handler.forward;

import org.jspecify.annotations.NullMarked;
