/**
 * Who the cluster and its nodes are, and numbers that are never given out twice. The metadata lane
 * owns what is reserved; the store remembers it.
 */
@NullMarked
package io.tidelog.metadata.identity;

import org.jspecify.annotations.NullMarked;
