package io.tidelog.hot.view;

/**
 * How long and how many producers a log remembers. Part of what a view is a function of: every
 * replica of a log needs the same.
 *
 * @param expirationMs {@code producer.id.expiration.ms}: a producer that appended nothing for this
 *     long is forgotten
 * @param maxProducers above this many in one log, the one that has been silent longest is forgotten
 */
public record ProducerLimits(long expirationMs, int maxProducers) {

  /** A day, as Kafka; and about 25 MiB of heap when used up. */
  public static final ProducerLimits DEFAULT = new ProducerLimits(86_400_000L, 100_000);

  public ProducerLimits {
    if (expirationMs <= 0 || maxProducers <= 0) {
      throw new IllegalArgumentException(
          "producers expire after " + expirationMs + " ms, at most " + maxProducers);
    }
  }
}
