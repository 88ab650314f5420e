/**
 * Decides when a delayed record may be seen, never what it holds: the names that make a topic a
 * delay topic, the gates that hide what is not due, and when it is brought near. A gate belongs to
 * the lane of its log.
 */
@NullMarked
package io.tidelog.delay;

import org.jspecify.annotations.NullMarked;
