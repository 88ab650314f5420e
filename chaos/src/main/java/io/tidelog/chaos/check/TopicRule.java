package io.tidelog.chaos.check;

/**
 * What a topic promises beyond what all do.
 *
 * @param delayMs how long after its append a record becomes visible
 * @param isTrimmed whether old records go
 */
public record TopicRule(long delayMs, boolean isTrimmed) {

  public static final TopicRule PLAIN = new TopicRule(0, false);
  public static final TopicRule TRIMMED = new TopicRule(0, true);

  public static TopicRule delayed(long delayMs) {
    return new TopicRule(delayMs, false);
  }
}
