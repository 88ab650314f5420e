/**
 * Several nodes with their production drivers, logs and files on one thread and in virtual time,
 * and what must hold whoever leads. Everything is a function of the seed. Owned by the thread that
 * runs a seed.
 */
@NullMarked
package io.tidelog.simulation.cluster;

import org.jspecify.annotations.NullMarked;
