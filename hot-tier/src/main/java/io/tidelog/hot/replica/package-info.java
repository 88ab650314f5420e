/**
 * Decides what one replica of a segment log does: whom it follows, when it takes over, who is in
 * sync, what is committed. Machines without clock, I/O or thread, owned by the log's lane.
 */
@NullMarked
package io.tidelog.hot.replica;

import org.jspecify.annotations.NullMarked;
