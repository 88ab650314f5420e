package io.tidelog.chaos.fault;

/**
 * One fault of a schedule.
 *
 * @param dice chooses among those it may be about
 * @param lastsMs until it is healed
 * @param quietMs after that, until the next one
 */
public record Step(FaultKind kind, int dice, long lastsMs, long quietMs) {}
