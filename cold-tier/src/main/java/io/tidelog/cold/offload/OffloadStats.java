package io.tidelog.cold.offload;

/**
 * How offloading goes, at one moment.
 *
 * @param uploadedObjects uploaded, verified and committed since the start
 * @param failures attempts that ended in a fault, whatever came after
 * @param fenced segments given up because another term has taken over
 * @param lagBytes sealed and not yet in the cold tier, over all logs led
 * @param oldestPendingAgeMs since the oldest segment in work was taken up, 0 when there is none
 * @param isAlarmed whether an operator should look: producers will be slowed, then refused
 * @param lastFailure text of the last fault, or empty
 */
public record OffloadStats(
    long uploadedObjects,
    long uploadedBytes,
    long failures,
    long fenced,
    long lagBytes,
    long oldestPendingAgeMs,
    boolean isAlarmed,
    String lastFailure) {}
