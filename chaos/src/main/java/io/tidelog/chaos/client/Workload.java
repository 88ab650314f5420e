package io.tidelog.chaos.client;

import io.tidelog.chaos.check.TopicRule;
import java.util.List;
import java.util.Map;

/** What clients do, in the numbering of the reliability notes. */
public enum Workload {
  /** Unique records, idempotent, read by consumers of their own choice. */
  W1("unique appends, idempotent, five in flight", 2, Map.of("w1", 6)),
  /** Groups of both protocols with members that join, leave and crash. */
  W5("consumer groups, both protocols", 2, Map.of("w5", 6)),
  /** Delay topics. */
  W7("delay topics of 2 s and 5 s", 1, Map.of("w7_2s", 3, "w7_5s", 3)),
  /** Larger records, old ones trimmed, read at random offsets. */
  W8("random reads of both tiers, retention", 1, Map.of("w8", 3)),
  /** Topics that come, change and go. */
  W9("topics created, changed, deleted", 1, Map.of()),
  /** Partitions of all others that change their replicas, and with them their logs. */
  W10("partitions moved to other replicas", 1, Map.of());

  /** What the names of W9's topics begin with. */
  public static final String CHURN_PREFIX = "w9-";

  private final String title;
  private final int processes;
  private final Map<String, Integer> topics;

  Workload(String title, int processes, Map<String, Integer> topics) {
    this.title = title;
    this.processes = processes;
    this.topics = topics;
  }

  public String title() {
    return title;
  }

  /** How many client processes run it. */
  public int processes() {
    return processes;
  }

  /** Its topics and their partitions. */
  public Map<String, Integer> topics() {
    return topics;
  }

  /** Settings its topics are created with. */
  public Map<String, String> topicSettings() {
    return this == W8 ? Map.of("retention.bytes", "8388608", "segment.bytes", "1048576") : Map.of();
  }

  /** What its topics promise. */
  public TopicRule rule(String topic) {
    return switch (this) {
      case W7 -> TopicRule.delayed(topic.endsWith("_2s") ? 2_000 : 5_000);
      case W8 -> TopicRule.TRIMMED;
      default -> TopicRule.PLAIN;
    };
  }

  /** Groups whose members it runs. */
  public List<String> groups() {
    return this == W5
        ? List.of(GroupMember.group("w5", "classic"), GroupMember.group("w5", "consumer"))
        : List.of();
  }

  /** After its writers have stopped, so long until everything can be read. */
  public long drainMs() {
    return this == W7 ? 5_000 : 0;
  }
}
