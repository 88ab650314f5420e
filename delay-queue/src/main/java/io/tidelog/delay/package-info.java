/** Holds when a delayed record may be seen, never what it holds. */
@NullMarked
package io.tidelog.delay;

import org.jspecify.annotations.NullMarked;
