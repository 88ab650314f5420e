package io.tidelog.core.config;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.util.List;
import java.util.function.Function;

/**
 * One configuration key of a node or a topic: its name, type, default, bounds, unit, whether a
 * change needs a restart, and when to change it. A value travels as text, as in Kafka, and is
 * parsed here and nowhere else.
 *
 * @param <T> the parsed type
 * @param unit what a number counts: {@code ms}, {@code bytes}, or empty
 * @param valid the bounds or the allowed words, for people
 */
public record Setting<T>(
    String name,
    Type type,
    String defaultText,
    String unit,
    String valid,
    boolean needsRestart,
    String purpose,
    Function<String, T> parser) {

  /** Kafka's configuration types, as DescribeConfigs reports them. */
  public enum Type {
    BOOLEAN,
    STRING,
    INT,
    LONG,
    DOUBLE,
    LIST,
    /** A text that is never shown; DescribeConfigs tells that it exists. */
    PASSWORD
  }

  /** Nobody is shown its value. */
  public boolean isSecret() {
    return type == Type.PASSWORD;
  }

  /** The default, parsed. */
  public T defaultValue() {
    return parse(defaultText);
  }

  /**
   * @throws Fault.Refused {@code INVALID_CONFIG}, naming the key, the value and what is allowed
   */
  public T parse(String text) {
    try {
      return parser.apply(text.strip());
    } catch (IllegalArgumentException e) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG,
          "Invalid value "
              + (isSecret() ? Secret.HIDDEN : text)
              + " for configuration "
              + name
              + ": expected "
              + valid);
    }
  }

  public static Setting<Boolean> ofBoolean(String name, boolean defaultValue, String purpose) {
    return new Setting<>(
        name,
        Type.BOOLEAN,
        Boolean.toString(defaultValue),
        "",
        "true or false",
        true,
        purpose,
        Setting::parseBoolean);
  }

  public static Setting<Integer> ofInt(
      String name, int defaultValue, Bounds bounds, String unit, String purpose) {
    return new Setting<>(
        name,
        Type.INT,
        Integer.toString(defaultValue),
        unit,
        bounds.toString(),
        true,
        purpose,
        text -> (int) bounds.within(Integer.parseInt(text)));
  }

  public static Setting<Long> ofLong(
      String name, long defaultValue, Bounds bounds, String unit, String purpose) {
    return new Setting<>(
        name,
        Type.LONG,
        Long.toString(defaultValue),
        unit,
        bounds.toString(),
        true,
        purpose,
        text -> bounds.within(Long.parseLong(text)));
  }

  public static Setting<Double> ofDouble(
      String name, double defaultValue, String valid, String purpose) {
    return new Setting<>(
        name,
        Type.DOUBLE,
        Double.toString(defaultValue),
        "",
        valid,
        true,
        purpose,
        Double::parseDouble);
  }

  public static Setting<String> ofString(String name, String defaultValue, String purpose) {
    return new Setting<>(
        name, Type.STRING, defaultValue, "", "any text", true, purpose, text -> text);
  }

  /** A text that is never shown; empty by default. */
  public static Setting<Secret> ofSecret(String name, String purpose) {
    return new Setting<>(name, Type.PASSWORD, "", "", "any text", true, purpose, Secret::new);
  }

  /** A word out of {@code allowed}. */
  public static Setting<String> ofChoice(
      String name, String defaultValue, List<String> allowed, String purpose) {
    return new Setting<>(
        name,
        Type.STRING,
        defaultValue,
        "",
        "one of " + String.join(", ", allowed),
        true,
        purpose,
        text -> {
          if (!allowed.contains(text)) {
            throw new IllegalArgumentException(text);
          }
          return text;
        });
  }

  /** Words separated by commas; {@code allowed} empty means any. */
  public static Setting<List<String>> ofList(
      String name, String defaultText, List<String> allowed, String purpose) {
    return new Setting<>(
        name,
        Type.LIST,
        defaultText,
        "",
        allowed.isEmpty() ? "a list" : "a list out of " + String.join(", ", allowed),
        true,
        purpose,
        text -> parseList(text, allowed));
  }

  /** The same setting, but a change takes effect at once. */
  public Setting<T> dynamic() {
    return new Setting<>(name, type, defaultText, unit, valid, false, purpose, parser);
  }

  private static Boolean parseBoolean(String text) {
    return switch (text.toLowerCase(java.util.Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static List<String> parseList(String text, List<String> allowed) {
    if (text.isEmpty()) {
      return List.of();
    }
    var words = List.of(text.split("\\s*,\\s*", -1));
    if (!allowed.isEmpty() && !allowed.containsAll(words)) {
      throw new IllegalArgumentException(text);
    }
    return words;
  }
}
