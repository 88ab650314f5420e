/**
 * Holds the sockets: the only package that knows Vert.x and Netty. Each connection and everything
 * in it belongs to the event loop it was accepted on; what several loops share says so.
 */
@NullMarked
package io.tidelog.gateway.net;

import org.jspecify.annotations.NullMarked;
