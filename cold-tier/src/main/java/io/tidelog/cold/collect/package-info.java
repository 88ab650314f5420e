/**
 * Holds the deletion of objects that nothing refers to any more. State belongs to the offload lane;
 * listing and deleting run on threads that may block.
 */
@NullMarked
package io.tidelog.cold.collect;

import org.jspecify.annotations.NullMarked;
