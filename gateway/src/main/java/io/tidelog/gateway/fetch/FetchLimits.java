package io.tidelog.gateway.fetch;

/**
 * When a fetch is answered and how large.
 *
 * @param minBytes answered as soon as so many bytes were found
 * @param maxBytes of records in the answer, but at least one batch
 * @param maxWaitMs answered after this long in any case
 */
public record FetchLimits(int minBytes, int maxBytes, int maxWaitMs) {

  public FetchLimits {
    minBytes = Math.clamp(minBytes, 0, Math.max(0, maxBytes));
    maxBytes = Math.max(0, maxBytes);
    maxWaitMs = Math.max(0, maxWaitMs);
  }
}
