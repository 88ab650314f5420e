/**
 * Carries out what the machines of a log decide: threads, files, timers, and what readers see.
 *
 * <p>Everything but {@link io.tidelog.hot.runtime.LogThreads} is owned by the log's lane, unless it
 * says otherwise, and runs as well on a lane that a test steps by hand.
 */
@NullMarked
package io.tidelog.hot.runtime;

import org.jspecify.annotations.NullMarked;
