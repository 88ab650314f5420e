/**
 * What a segment log means: its partitions, their offsets, epochs, producers, runs and cold
 * objects, as a function of the log's frames and of nothing else.
 *
 * <p>A {@link io.tidelog.hot.view.LogView} belongs to the log's lane; nothing here does I/O, reads
 * a clock or starts a thread. What it publishes for readers is immutable.
 */
@NullMarked
package io.tidelog.hot.view;

import org.jspecify.annotations.NullMarked;
