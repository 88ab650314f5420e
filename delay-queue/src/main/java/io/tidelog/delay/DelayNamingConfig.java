package io.tidelog.delay;

import java.util.List;

/**
 * Which topic names mean a delay. Immutable.
 *
 * @param enabled whether any name does ({@code delay.naming.enable})
 * @param maxDelayMs no name means a longer delay ({@code delay.max.ms})
 * @param excludedWords a base name that contains one of them, in any case, means none ({@code
 *     delay.naming.exclude})
 */
public record DelayNamingConfig(boolean enabled, long maxDelayMs, List<String> excludedWords) {

  public static final long DEFAULT_MAX_DELAY_MS = 366L * 24 * 60 * 60 * 1000;

  /** Words of market and metric series: names like {@code crypto_ohlcv_1m} are real topics. */
  public static final List<String> DEFAULT_EXCLUDED_WORDS =
      List.of("ohlc", "kline", "candle", "ticker", "metric", "agg", "rollup");

  public static final DelayNamingConfig DEFAULT =
      new DelayNamingConfig(true, DEFAULT_MAX_DELAY_MS, DEFAULT_EXCLUDED_WORDS);

  public DelayNamingConfig {
    excludedWords = List.copyOf(excludedWords);
  }
}
