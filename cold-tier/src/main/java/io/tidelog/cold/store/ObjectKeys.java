package io.tidelog.cold.store;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.util.regex.Pattern;

/**
 * What a key may be, so that it means the same in a bucket and in a folder: segments of letters,
 * digits and {@code . _ = -}, separated by single slashes, none starting with a dot, 900 characters
 * in all and 200 in a segment.
 */
public final class ObjectKeys {

  public static final int MAX_LENGTH = 900;
  public static final int MAX_SEGMENT_LENGTH = 200;

  private static final Pattern KEY =
      Pattern.compile("[A-Za-z0-9_=-][A-Za-z0-9._=-]*(/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*");
  private static final Pattern PREFIX =
      Pattern.compile("|([A-Za-z0-9_=-][A-Za-z0-9._=-]*/)*([A-Za-z0-9_=-][A-Za-z0-9._=-]*)?");

  private ObjectKeys() {}

  /**
   * @return {@code key} itself
   * @throws Fault.Refused {@code INVALID_REQUEST} for a key that no store takes
   */
  public static String checkKey(String key) {
    return check(key, KEY);
  }

  /** As {@link #checkKey} for the beginning of a key, which may be empty or end with a slash. */
  public static String checkPrefix(String prefix) {
    return check(prefix, PREFIX);
  }

  private static String check(String key, Pattern pattern) {
    if (key.length() > MAX_LENGTH || !pattern.matcher(key).matches()) {
      throw new Fault.Refused(Refusal.INVALID_REQUEST, "illegal object key " + shown(key));
    }
    for (String segment : key.split("/")) {
      if (segment.length() > MAX_SEGMENT_LENGTH) {
        throw new Fault.Refused(
            Refusal.INVALID_REQUEST, "a segment of object key " + shown(key) + " is too long");
      }
    }
    return key;
  }

  /** A hostile key must not forge a line of the log. */
  private static String shown(String key) {
    String start = key.length() <= 100 ? key : key.substring(0, 100) + "...";
    return "'" + start.replaceAll("[^ -~]", "?") + "'";
  }
}
