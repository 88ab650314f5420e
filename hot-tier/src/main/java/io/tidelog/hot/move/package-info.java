/**
 * Moves a partition from one segment log to another: the two halves of a move, each at the leader
 * of its log. Machines are memory only and belong to that log's lane; all that a move has reached
 * is in the two logs and in the metadata store, so that whoever leads next goes on from there.
 */
@NullMarked
package io.tidelog.hot.move;

import org.jspecify.annotations.NullMarked;
