/**
 * Holds the cold tier as one component: its settings, its figures, and the class that wires
 * offload, collection and reading. State lives in the packages below, each with its own owner.
 */
@NullMarked
package io.tidelog.cold;

import org.jspecify.annotations.NullMarked;
