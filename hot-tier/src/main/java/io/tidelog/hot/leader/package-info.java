/**
 * Decides what a log's leader writes, when it is committed, and what may be retained, trimmed and
 * checkpointed.
 *
 * <p>Machines and planners: memory only, no clock. Each belongs to the lane of its log.
 */
@NullMarked
package io.tidelog.hot.leader;

import org.jspecify.annotations.NullMarked;
