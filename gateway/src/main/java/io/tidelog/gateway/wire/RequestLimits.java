package io.tidelog.gateway.wire;

/**
 * What one request may hold, so that parsing it costs bounded memory.
 *
 * @param maxElements in any one of its arrays
 * @param maxFields in all of it
 */
public record RequestLimits(int maxElements, int maxFields) {

  /** Fifty thousand partitions of a fetch have four hundred thousand fields. */
  public static final RequestLimits DEFAULT = new RequestLimits(500_000, 2_000_000);
}
