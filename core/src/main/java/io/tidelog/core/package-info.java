/**
 * The words every module shares: partitions, logs, offsets, batches, faults, clocks and lanes.
 *
 * <p>Values here are immutable and belong to no lane; nothing here does I/O or starts a thread.
 */
@NullMarked
package io.tidelog.core;

import org.jspecify.annotations.NullMarked;
