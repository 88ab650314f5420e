/**
 * What is done to a cluster while clients use it: the schedule is a pure function of the seed, who
 * is meant is found out when the time has come, and every fault is healed.
 */
@NullMarked
package io.tidelog.chaos.fault;

import org.jspecify.annotations.NullMarked;
