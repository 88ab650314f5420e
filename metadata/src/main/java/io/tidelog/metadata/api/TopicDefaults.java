package io.tidelog.metadata.api;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Setting;
import io.tidelog.core.log.PartitionConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a topic inherits: the node's settings of the same meaning, by Kafka's names, in Kafka's
 * order of strength. Immutable.
 *
 * @param node dynamic settings of this node
 * @param cluster dynamic settings of all nodes
 * @param file the node's configuration file
 */
public record TopicDefaults(
    Map<String, String> node, Map<String, String> cluster, Map<String, String> file) {

  private static final long MINUTE_MS = 60_000;
  private static final long HOUR_MS = 60 * MINUTE_MS;

  /** Kafka's {@code ServerTopicConfigSynonyms}: the strongest first. */
  private static final Map<String, List<Synonym>> SYNONYMS =
      Map.ofEntries(
          same("cleanup.policy", "log.cleanup.policy"),
          same("compression.type", "compression.type"),
          same("compression.gzip.level", "compression.gzip.level"),
          same("compression.lz4.level", "compression.lz4.level"),
          same("compression.zstd.level", "compression.zstd.level"),
          same("delete.retention.ms", "log.cleaner.delete.retention.ms"),
          same("file.delete.delay.ms", "log.segment.delete.delay.ms"),
          same("flush.messages", "log.flush.interval.messages"),
          Map.entry(
              "flush.ms",
              List.of(
                  new Synonym("log.flush.interval.ms", 1),
                  new Synonym("log.flush.scheduler.interval.ms", 1))),
          same("index.interval.bytes", "log.index.interval.bytes"),
          same("local.retention.bytes", "log.local.retention.bytes"),
          same("local.retention.ms", "log.local.retention.ms"),
          same("max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"),
          same("max.decompressed.message.bytes", "max.decompressed.message.bytes"),
          same("max.message.bytes", "message.max.bytes"),
          same("message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms"),
          same("message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms"),
          same("message.timestamp.type", "log.message.timestamp.type"),
          same("min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio"),
          same("min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms"),
          same("min.insync.replicas", "min.insync.replicas"),
          same("preallocate", "log.preallocate"),
          same("remote.copy.lag.bytes", "log.remote.copy.lag.bytes"),
          same("remote.copy.lag.ms", "log.remote.copy.lag.ms"),
          same("retention.bytes", "log.retention.bytes"),
          Map.entry(
              "retention.ms",
              List.of(
                  new Synonym("log.retention.ms", 1),
                  new Synonym("log.retention.minutes", MINUTE_MS),
                  new Synonym("log.retention.hours", HOUR_MS))),
          same("segment.bytes", "log.segment.bytes"),
          same("segment.index.bytes", "log.index.size.max.bytes"),
          Map.entry(
              "segment.jitter.ms",
              List.of(
                  new Synonym("log.roll.jitter.ms", 1),
                  new Synonym("log.roll.jitter.hours", HOUR_MS))),
          Map.entry(
              "segment.ms",
              List.of(new Synonym("log.roll.ms", 1), new Synonym("log.roll.hours", HOUR_MS))),
          same("unclean.leader.election.enable", "unclean.leader.election.enable"));

  /** Topic settings by the node's name for them that may change while it runs. */
  private static final Map<String, String> TOPIC_NAMES = topicNames();

  public TopicDefaults {
    node = Map.copyOf(node);
    cluster = Map.copyOf(cluster);
    file = Map.copyOf(file);
  }

  /** What a node with this configuration file gives its topics. */
  public static TopicDefaults of(Map<String, String> file) {
    return new TopicDefaults(Map.of(), Map.of(), file);
  }

  /**
   * The topic setting that a dynamic broker setting is the default of, or null when that broker
   * setting cannot change while the node runs. Kafka's rule: the first synonym only.
   */
  public static @Nullable Setting<?> topicSettingOf(String nodeSetting) {
    var name = TOPIC_NAMES.get(nodeSetting);
    return name == null ? null : TopicSettings.findOrThrow(name);
  }

  /** Every name of a node's setting that is the default of a topic's. */
  public static Set<String> nodeNames() {
    var names = new TreeSet<String>();
    SYNONYMS.values().forEach(all -> all.forEach(synonym -> names.add(synonym.name())));
    return names;
  }

  /** The names of the broker settings that may change while a node runs. */
  public static Iterable<String> dynamicNodeSettings() {
    return TOPIC_NAMES.keySet();
  }

  /**
   * Every place a setting has a value, the one that holds first, the default last.
   *
   * @param own what is set on the topic itself
   */
  public List<SourcedValue> lookup(Setting<?> setting, Map<String, String> own) {
    var found = new ArrayList<SourcedValue>();
    var ownValue = own.get(setting.name());
    if (ownValue != null) {
      found.add(new SourcedValue(setting.name(), ownValue, ConfigSource.TOPIC));
    }
    var synonyms = SYNONYMS.getOrDefault(setting.name(), List.of());
    for (var synonym : synonyms) {
      addFrom(node, ConfigSource.NODE, synonym, found);
      addFrom(cluster, ConfigSource.CLUSTER, synonym, found);
      addFrom(file, ConfigSource.FILE, synonym, found);
    }
    var defaultName = synonyms.isEmpty() ? setting.name() : synonyms.getFirst().name();
    found.add(new SourcedValue(defaultName, setting.defaultText(), ConfigSource.DEFAULT));
    return found;
  }

  /** The text that holds. */
  public String text(Setting<?> setting, Map<String, String> own) {
    var ownValue = own.get(setting.name());
    if (ownValue != null) {
      return ownValue;
    }
    // The first of lookup, without the list: asked a dozen times for each topic at every start.
    for (var synonym : SYNONYMS.getOrDefault(setting.name(), List.of())) {
      var name = synonym.name();
      var text = node.getOrDefault(name, cluster.getOrDefault(name, file.get(name)));
      if (text != null) {
        return synonym.toTopicUnit(text);
      }
    }
    return setting.defaultText();
  }

  /** The value that holds. */
  public <T> T value(Setting<T> setting, Map<String, String> own) {
    return setting.parse(text(setting, own));
  }

  /**
   * Checks what is to be set on a topic.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG} when a name is unknown, a value wrong, or two
   *     values contradict each other
   */
  public void check(Map<String, String> own) {
    own.forEach((name, text) -> TopicSettings.findOrThrow(name).parse(text));
    checkCompactionLag(own);
    checkLocal(TopicSettings.LOCAL_RETENTION_MS, TopicSettings.RETENTION_MS, own);
    checkLocal(TopicSettings.LOCAL_RETENTION_BYTES, TopicSettings.RETENTION_BYTES, own);
    long delayMs = value(TopicSettings.DELAY_MS, own);
    if (delayMs > 0 && value(TopicSettings.CLEANUP_POLICY, own).contains("compact")) {
      throw TopicSettings.invalid(
          "cleanup.policy=compact contradicts delay.ms="
              + delayMs
              + "; set delay.ms=0 for a topic without delay");
    }
  }

  /**
   * What holds for a topic with these settings of its own, which passed {@link #check} once. What
   * the node's settings made contradictory since then is resolved: a local retention is cut to the
   * whole one, and a delay topic is never compacted.
   */
  public TopicConfig effective(Map<String, String> own) {
    var policy = value(TopicSettings.CLEANUP_POLICY, own);
    long delayMs = value(TopicSettings.DELAY_MS, own);
    long retentionMs = value(TopicSettings.RETENTION_MS, own);
    long retentionBytes = value(TopicSettings.RETENTION_BYTES, own);
    long localMs = value(TopicSettings.LOCAL_RETENTION_MS, own);
    long localBytes = value(TopicSettings.LOCAL_RETENTION_BYTES, own);
    var partition =
        new PartitionConfig(
            retentionMs,
            retentionBytes,
            isLonger(localMs, retentionMs) ? retentionMs : localMs,
            isLonger(localBytes, retentionBytes) ? retentionBytes : localBytes,
            policy.contains("compact") && delayMs == 0,
            policy.contains("delete"),
            delayMs,
            value(TopicSettings.DELAY_MAX_PENDING_BYTES, own));
    return new TopicConfig(
        value(TopicSettings.MAX_MESSAGE_BYTES, own),
        value(TopicSettings.MESSAGE_TIMESTAMP_TYPE, own).equals("LogAppendTime"),
        value(TopicSettings.MESSAGE_TIMESTAMP_BEFORE_MAX_MS, own),
        value(TopicSettings.MESSAGE_TIMESTAMP_AFTER_MAX_MS, own),
        value(TopicSettings.COMPRESSION_TYPE, own),
        value(TopicSettings.MIN_INSYNC_REPLICAS, own),
        partition);
  }

  private void checkCompactionLag(Map<String, String> own) {
    long min = value(TopicSettings.MIN_COMPACTION_LAG_MS, own);
    long max = value(TopicSettings.MAX_COMPACTION_LAG_MS, own);
    if (min > max) {
      throw TopicSettings.invalid(
          "conflict topic config setting min.compaction.lag.ms ("
              + min
              + ") > max.compaction.lag.ms ("
              + max
              + ")");
    }
  }

  private void checkLocal(Setting<Long> local, Setting<Long> whole, Map<String, String> own) {
    long value = value(local, own);
    long wholeValue = value(whole, own);
    if (own.containsKey(local.name()) && isLonger(value, wholeValue)) {
      throw TopicSettings.invalid(
          "Invalid value "
              + value
              + " for configuration "
              + local.name()
              + ": Value must not be more than "
              + whole.name()
              + " property value: "
              + wholeValue);
    }
  }

  private static boolean isLonger(long local, long whole) {
    return whole >= 0 && (local == -1 || local > whole);
  }

  private static void addFrom(
      Map<String, String> layer, ConfigSource source, Synonym synonym, List<SourcedValue> found) {
    var text = layer.get(synonym.name());
    if (text != null) {
      found.add(new SourcedValue(synonym.name(), synonym.toTopicUnit(text), source));
    }
  }

  private static Map.Entry<String, List<Synonym>> same(String topicName, String nodeName) {
    return Map.entry(topicName, List.of(new Synonym(nodeName, 1)));
  }

  private static Map<String, String> topicNames() {
    var names = new HashMap<String, String>();
    SYNONYMS.forEach((topic, synonyms) -> names.put(synonyms.getFirst().name(), topic));
    return Map.copyOf(names);
  }

  /**
   * A value and where it was found.
   *
   * @param name the key it was found under, a topic's or a node's
   * @param value in the topic setting's unit
   */
  public record SourcedValue(String name, String value, ConfigSource source) {}

  /** A node's name for a topic setting, and how many of the topic's units one of its own is. */
  private record Synonym(String name, long factor) {

    String toTopicUnit(String text) {
      if (factor == 1) {
        return text;
      }
      try {
        long value = Long.parseLong(text.strip());
        return Long.toString(value < 0 ? -1 : Math.multiplyExact(value, factor));
      } catch (ArithmeticException | NumberFormatException e) {
        throw new Fault.Refused(
            Refusal.INVALID_CONFIG,
            "Invalid value " + text + " for configuration " + name + ": expected a number");
      }
    }
  }
}
