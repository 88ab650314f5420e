/**
 * The picture of the cluster: how it is kept in the store, and how each node follows it. The
 * metadata lane owns its state and publishes each picture, immutable, through one reference.
 */
@NullMarked
package io.tidelog.metadata.image;

import org.jspecify.annotations.NullMarked;
