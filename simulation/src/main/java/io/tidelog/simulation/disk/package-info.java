/**
 * A disk that forgets what was not synced, tears what was being written, fills up and fails, all by
 * a seed. Belongs to the simulation's one thread.
 */
@NullMarked
package io.tidelog.simulation.disk;

import org.jspecify.annotations.NullMarked;
