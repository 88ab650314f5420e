package io.tidelog.metadata.topic;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;

/** Which names a topic may have: Kafka's rules and words ({@code internals.Topic}). */
final class TopicNames {

  private static final int MAX_LENGTH = 249;

  private TopicNames() {}

  /**
   * @throws Fault.Refused {@code INVALID_TOPIC_EXCEPTION}
   */
  static void check(String name) {
    if (name.isEmpty()) {
      throw invalid("the empty string is not allowed");
    }
    if (name.equals(".") || name.equals("..")) {
      throw invalid("'" + name + "' is not allowed");
    }
    if (name.length() > MAX_LENGTH) {
      throw invalid(
          "the length of '" + name + "' is longer than the max allowed length " + MAX_LENGTH);
    }
    if (!name.chars().allMatch(TopicNames::isLegal)) {
      throw invalid(
          "'"
              + name
              + "' contains one or more characters other than ASCII alphanumerics, '.', '_' and"
              + " '-'");
    }
  }

  private static boolean isLegal(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }

  private static Fault.Refused invalid(String message) {
    return new Fault.Refused(Refusal.INVALID_TOPIC_EXCEPTION, "Topic name is invalid: " + message);
  }
}
