/**
 * Controllers, sessions and registries of the product on one thread, over a store that fails, with
 * replicas that are models. All state belongs to the one simulated thread.
 */
@NullMarked
package io.tidelog.simulation.controller;

import org.jspecify.annotations.NullMarked;
