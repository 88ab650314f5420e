/**
 * Carries what replicas tell one another over TCP: the only package of the hot tier that knows
 * Vert.x and Netty. Connections belong to one event loop, which parses and posts and does nothing
 * else. See {@code docs/formats/replication.md}.
 */
@NullMarked
package io.tidelog.hot.replica.net;

import org.jspecify.annotations.NullMarked;
