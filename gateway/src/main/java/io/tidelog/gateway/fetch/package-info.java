/**
 * Reads for many consumers at once: fetch sessions, reads in progress, and fetches parked until
 * there is something to read.
 *
 * <p>Everything mutable here belongs to one event loop, gathered in {@link
 * io.tidelog.gateway.fetch.FetchLane}; another thread only posts to that loop. No Kafka type
 * appears in this package.
 */
@NullMarked
package io.tidelog.gateway.fetch;

import org.jspecify.annotations.NullMarked;
