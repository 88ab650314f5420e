package io.tidelog.delay;

import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import java.util.List;

/**
 * Which topic names mean a delay. Immutable.
 *
 * @param enabled whether any name does
 * @param maxDelayMs no name means a longer delay
 * @param excludedWords a base name that contains one of them, in any case, means none
 */
public record DelayNamingConfig(boolean enabled, long maxDelayMs, List<String> excludedWords) {

  public static final Setting<Boolean> NAMING_ENABLE =
      Setting.ofBoolean(
          "delay.naming.enable",
          true,
          "Whether a new topic named like orders_30m delays its records by 30 minutes; turn it off"
              + " when topics get such names for another reason.");

  public static final Setting<List<String>> NAMING_EXCLUDE =
      Setting.ofList(
          "delay.naming.exclude",
          "ohlc,kline,candle,ticker,metric,agg,rollup",
          List.of(),
          "Words that keep a new topic from being a delay topic when its name contains one of them"
              + " before the suffix; add those of your aggregated topics, such as crypto_ohlcv_1m.");

  public static final Setting<Long> MAX_MS =
      Setting.ofLong(
          "delay.max.ms",
          366L * 24 * 60 * 60 * 1000,
          Bounds.atLeast(1),
          "ms",
          "The longest delay a topic or a record may ask for; raise it only when you plan years"
              + " ahead.");

  public static final DelayNamingConfig DEFAULT =
      new DelayNamingConfig(
          NAMING_ENABLE.defaultValue(), MAX_MS.defaultValue(), NAMING_EXCLUDE.defaultValue());

  public DelayNamingConfig {
    excludedWords = List.copyOf(excludedWords);
  }
}
