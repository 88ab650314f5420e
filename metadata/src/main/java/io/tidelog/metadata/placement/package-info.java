/**
 * Where logs and partitions are to be: pure planners, whose answer depends on what they are given
 * and on nothing else. They own no state.
 */
@NullMarked
package io.tidelog.metadata.placement;

import org.jspecify.annotations.NullMarked;
