/** Holds the threads and timers of the cold tier; each lane here is a thread of its own. */
@NullMarked
package io.tidelog.cold.runtime;

import org.jspecify.annotations.NullMarked;
