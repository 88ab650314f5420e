/**
 * What the other modules see of the metadata: the store's contract, the picture of the cluster, and
 * the calls that change topics. Values are immutable; the metadata lane publishes them.
 */
@NullMarked
package io.tidelog.metadata.api;

import org.jspecify.annotations.NullMarked;
