/**
 * Segment files of one log: writing, indexing, reading, sealing, trimming and recovering them, and
 * the files beside them.
 *
 * <p>The log's lane owns the writer, the active index, the ring and the list of segments; it
 * publishes what readers need through volatile references. Blocking functions say so and run on
 * threads of the runtime.
 */
@NullMarked
package io.tidelog.hot.segment;

import org.jspecify.annotations.NullMarked;
