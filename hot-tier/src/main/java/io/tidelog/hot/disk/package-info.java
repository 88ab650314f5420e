/**
 * The port through which a segment log uses its folder on a disk, its production adapter, and the
 * files that say whose folder it is. The simulator has an adversarial adapter of its own.
 *
 * <p>No lane owns a disk; each file is written by one thread at a time and read by any.
 */
@NullMarked
package io.tidelog.hot.disk;

import org.jspecify.annotations.NullMarked;
