/**
 * The machines of a run that are none: a network namespace each where the kernel allows it, else
 * ports of loopback; and processes that can be killed, paused and cut off. Used by one thread at a
 * time.
 */
@NullMarked
package io.tidelog.chaos.world;

import org.jspecify.annotations.NullMarked;
