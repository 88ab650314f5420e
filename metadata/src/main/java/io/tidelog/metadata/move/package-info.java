/**
 * Moves of partitions between segment logs, kept in the store beside the homes they change. The
 * metadata lane owns what is known of them here.
 */
@NullMarked
package io.tidelog.metadata.move;

import org.jspecify.annotations.NullMarked;
