package io.tidelog.delay;

/**
 * What the name of a new topic says about a delay. The grammar is {@code <base>_<n><unit>}: n from
 * 1 to 99999 without a leading zero, unit one of {@code ms s m h d} in lower case, base a legal
 * topic name that does not start with {@code __}; only the last suffix counts. A name is asked
 * once, when the topic is created; from then on the topic's {@code delay.ms} holds.
 */
public sealed interface DelayTopicName {

  /** Records of this topic are seen {@code delayMs} after they were appended. */
  record Delay(String base, long delayMs) implements DelayTopicName {}

  /** A topic like any other. */
  record Plain() implements DelayTopicName {}

  /** A topic like any other whose creator perhaps meant a delay: worth a line in the log. */
  record NearMiss(String reason) implements DelayTopicName {}

  /**
   * Parses any text; what is no legal topic name at all is plain, since it is refused elsewhere.
   */
  static DelayTopicName parse(String name, DelayNamingConfig config) {
    return DelayNameGrammar.parse(name, config);
  }
}
