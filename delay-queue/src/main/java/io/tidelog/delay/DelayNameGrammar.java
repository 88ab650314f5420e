package io.tidelog.delay;

import io.tidelog.delay.DelayTopicName.Delay;
import io.tidelog.delay.DelayTopicName.NearMiss;
import io.tidelog.delay.DelayTopicName.Plain;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The grammar of {@link DelayTopicName}. */
final class DelayNameGrammar {

  private static final Plain PLAIN = new Plain();
  private static final int MAX_DIGITS = 5;
  private static final int MAX_NAME_LENGTH = 249;
  private static final Pattern SUFFIX =
      Pattern.compile("(?<base>.+)_(?<count>[0-9]+)(?<unit>[a-z]+)");
  private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]+");
  private static final Map<String, Long> UNIT_MS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

  /** What people write who have not read the grammar. */
  private static final Set<String> OTHER_TIME_WORDS =
      Set.of(
          "millis", "msec", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes",
          "hr", "hrs", "hour", "hours", "day", "days", "w", "week", "weeks");

  private DelayNameGrammar() {}

  static DelayTopicName parse(String name, DelayNamingConfig config) {
    var suffix = SUFFIX.matcher(name);
    if (!config.enabled() || !suffix.matches()) {
      return PLAIN;
    }
    String base = suffix.group("base");
    if (base.startsWith("__") || !isLegal(base) || isExcluded(base, config)) {
      return PLAIN;
    }
    return ofSuffix(base, suffix.group("count"), suffix.group("unit"), config.maxDelayMs());
  }

  private static boolean isLegal(String topic) {
    return topic.length() <= MAX_NAME_LENGTH
        && LEGAL.matcher(topic).matches()
        && !topic.equals(".")
        && !topic.equals("..");
  }

  private static boolean isExcluded(String base, DelayNamingConfig config) {
    String lower = base.toLowerCase(Locale.ROOT);
    return config.excludedWords().stream()
        .map(word -> word.toLowerCase(Locale.ROOT))
        .anyMatch(word -> !word.isEmpty() && lower.contains(word));
  }

  private static DelayTopicName ofSuffix(String base, String count, String unit, long maxDelayMs) {
    Long unitMs = UNIT_MS.get(unit);
    if (unitMs == null) {
      return OTHER_TIME_WORDS.contains(unit)
          ? new NearMiss("unit " + unit + " is none of ms, s, m, h, d")
          : PLAIN;
    }
    if (count.startsWith("0")) {
      return PLAIN;
    }
    if (count.length() > MAX_DIGITS) {
      return new NearMiss(count + " is above 99999");
    }
    long delayMs = Long.parseLong(count) * unitMs;
    return delayMs <= maxDelayMs
        ? new Delay(base, delayMs)
        : new NearMiss(delayMs + " ms is above delay.max.ms=" + maxDelayMs);
  }
}
