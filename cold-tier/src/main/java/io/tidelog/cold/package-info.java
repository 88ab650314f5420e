/** Holds the cold tier: sealed segments become immutable objects and are read back from them. */
@NullMarked
package io.tidelog.cold;

import org.jspecify.annotations.NullMarked;
