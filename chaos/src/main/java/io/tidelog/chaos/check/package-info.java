/**
 * Judges histories of clients: pure functions, in time linear in the number of events but for
 * sorting. Nothing here has a state that outlives one call.
 */
@NullMarked
package io.tidelog.chaos.check;

import org.jspecify.annotations.NullMarked;
