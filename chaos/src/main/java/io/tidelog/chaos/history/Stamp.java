package io.tidelog.chaos.history;

/**
 * A moment on both clocks.
 *
 * @param ns of the monotonic clock, which all processes of a machine share
 * @param wallMs of the wall clock, since the epoch
 */
public record Stamp(long ns, long wallMs) {}
