/**
 * One segment log with its production classes on one thread and in virtual time: clients, crashes,
 * an object store, and what must hold after each step. Everything is a function of the seed.
 */
@NullMarked
package io.tidelog.simulation.log;

import org.jspecify.annotations.NullMarked;
