/** Holds the hot tier: records are accepted, ordered and replicated here, and get their offsets. */
@NullMarked
package io.tidelog.hot;

import org.jspecify.annotations.NullMarked;
