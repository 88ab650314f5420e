/**
 * The replicas of one log on one thread: the production machine over a log, a network and a record
 * store that lose, repeat, delay and lie as real ones do. Owned by the thread that runs a seed.
 */
@NullMarked
package io.tidelog.simulation.replica;

import org.jspecify.annotations.NullMarked;
