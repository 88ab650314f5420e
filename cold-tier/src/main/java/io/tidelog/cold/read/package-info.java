/**
 * Holds reading from the cold tier: an index cache, a chunk cache, and the reads that go through
 * them. Caches guard themselves; a read belongs to whichever thread completes what it waits for,
 * one at a time.
 */
@NullMarked
package io.tidelog.cold.read;

import org.jspecify.annotations.NullMarked;
