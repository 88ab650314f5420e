/** Holds who leads and what exists. */
@NullMarked
package io.tidelog.metadata;

import org.jspecify.annotations.NullMarked;
