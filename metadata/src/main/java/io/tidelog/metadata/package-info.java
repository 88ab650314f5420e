/**
 * The metadata of a node, put together; everything else here is reached through it or through
 * {@code api}. Owns nothing but the life of its parts.
 */
@NullMarked
package io.tidelog.metadata;

import org.jspecify.annotations.NullMarked;
