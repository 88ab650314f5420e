/** Holds the whole cluster on one thread, driven by a seed. */
@NullMarked
package io.tidelog.simulation;

import org.jspecify.annotations.NullMarked;
