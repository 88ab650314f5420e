/**
 * What the cluster has agreed on about its segment logs, kept in the store. The metadata lane owns
 * what is known of it here.
 */
@NullMarked
package io.tidelog.metadata.log;

import org.jspecify.annotations.NullMarked;
