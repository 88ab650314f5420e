/**
 * Holds what nodes left on their disks against one another: the replicas of a segment log are the
 * same bytes. Reads the files by their format alone, with none of the code that wrote them.
 */
@NullMarked
package io.tidelog.chaos.copy;

import org.jspecify.annotations.NullMarked;
