/**
 * Answers the requests that write, read and find records, one class for each API key. Handlers hold
 * no state of their own; what a request needs while it is under way belongs to the event loop of
 * its connection.
 */
@NullMarked
package io.tidelog.gateway.handler.data;

import org.jspecify.annotations.NullMarked;
