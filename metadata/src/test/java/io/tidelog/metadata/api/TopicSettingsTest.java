package io.tidelog.metadata.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.config.Setting;
import io.tidelog.metadata.api.TopicDefaults.SourcedValue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kafka's own catalogue is the oracle. */
class TopicSettingsTest {

  private static final ConfigDef KAFKA = LogConfig.configDefCopy();

  /** Ours, or with a default of our own: every topic is tiered. */
  private static final Set<String> OURS = Set.of("delay.ms", "delay.max.pending.bytes");

  private static final Set<String> OTHER_DEFAULT =
      Set.of("local.retention.ms", "remote.storage.enable");

  private static final Set<String> ONE_VALUE_ONLY =
      Set.of("remote.storage.enable", "remote.log.copy.disable");

  static Stream<Setting<?>> shared() {
    return TopicSettings.all().stream().filter(setting -> !OURS.contains(setting.name()));
  }

  @Test
  void thereAreKafkasSettingsAndOurs() {
    var expected = new TreeSet<>(KAFKA.names());
    expected.remove("internal.segment.bytes");
    expected.addAll(OURS);
    assertThat(TopicSettings.all()).extracting(Setting::name).hasSameElementsAs(expected);
    assertThat(TopicSettings.all()).extracting(Setting::name).isSorted();
  }

  @ParameterizedTest
  @MethodSource("shared")
  void typeAndDefaultAreKafkas(Setting<?> setting) {
    var key = KAFKA.configKeys().get(setting.name());
    assertThat(setting.type().name()).isEqualTo(key.type().name());
    if (!OTHER_DEFAULT.contains(setting.name())) {
      assertThat(setting.defaultText())
          .isEqualTo(ConfigDef.convertToString(key.defaultValue, key.type()));
    }
  }

  @ParameterizedTest
  @MethodSource("shared")
  void aValueIsTakenWhenKafkaTakesIt(Setting<?> setting) {
    if (ONE_VALUE_ONLY.contains(setting.name())) {
      return;
    }
    var values =
        List.of(
            "-3",
            "-2",
            "-1",
            "0",
            "1",
            "4",
            "9",
            "10",
            "17",
            "18",
            "22",
            "23",
            "0.5",
            "1.5",
            "1048575",
            "1048576",
            "2147483639",
            "2147483640",
            "2147483647",
            "2147483648",
            "9223372036854775807",
            "9223372036854775808",
            "true",
            "FALSE",
            "yes",
            "delete",
            "compact,delete",
            "compact, delete",
            "none",
            "gzip",
            "producer",
            "CreateTime",
            "LogAppendTime",
            "createtime",
            " 1 ");
    for (var value : values) {
      if (setting.name().equals("retention.bytes") && value.startsWith("-")) {
        continue; // Kafka has no bounds there; we take -1 for no limit
      }
      assertThat(takes(setting, value))
          .as("%s=%s", setting.name(), value)
          .isEqualTo(kafkaTakes(setting.name(), value));
    }
  }

  @ParameterizedTest
  @MethodSource("shared")
  void theNodesNamesForItAreKafkas(Setting<?> setting) {
    var file = new HashMap<String, String>();
    var kafka =
        ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.getOrDefault(setting.name(), List.of());
    for (var synonym : kafka) {
      file.put(synonym.name(), "2");
    }
    var found = TopicDefaults.of(file).lookup(setting, Map.of());
    assertThat(found.subList(0, found.size() - 1))
        .containsExactlyElementsOf(
            kafka.stream()
                .map(
                    synonym ->
                        new SourcedValue(
                            synonym.name(), synonym.converter().apply("2"), ConfigSource.FILE))
                .toList());
  }

  @Test
  void whatMayChangeWhileANodeRunsIsKafkasFirstSynonym() {
    var first = new HashSet<String>();
    ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.forEach(
        (topic, synonyms) -> {
          if (!synonyms.isEmpty()) {
            first.add(synonyms.getFirst().name());
          }
        });
    assertThat(TopicDefaults.dynamicNodeSettings()).hasSameElementsAs(first);
  }

  @Test
  void theStrongestPlaceWins() {
    var retention = TopicSettings.RETENTION_MS;
    var defaults =
        new TopicDefaults(
            Map.of("log.retention.ms", "3"),
            Map.of("log.retention.ms", "4"),
            Map.of("log.retention.minutes", "5", "log.retention.hours", "-1"));
    assertThat(defaults.lookup(retention, Map.of("retention.ms", "2")))
        .containsExactly(
            new SourcedValue("retention.ms", "2", ConfigSource.TOPIC),
            new SourcedValue("log.retention.ms", "3", ConfigSource.NODE),
            new SourcedValue("log.retention.ms", "4", ConfigSource.CLUSTER),
            new SourcedValue("log.retention.minutes", "300000", ConfigSource.FILE),
            new SourcedValue("log.retention.hours", "-1", ConfigSource.FILE),
            new SourcedValue("log.retention.ms", "604800000", ConfigSource.DEFAULT));
    assertThat(defaults.value(retention, Map.of())).isEqualTo(3);
  }

  @Test
  void aLocalRetentionInheritedIsCutToTheWholeOne() {
    var defaults = TopicDefaults.of(Map.of());
    assertThat(defaults.effective(Map.of("retention.ms", "5")).partition().localRetentionMs())
        .isEqualTo(5);
    assertThat(defaults.effective(Map.of("retention.ms", "-1")).partition().localRetentionMs())
        .isEqualTo(86_400_000);
    assertThatThrownBy(
            () -> defaults.check(Map.of("retention.ms", "5", "local.retention.ms", "-1")))
        .isInstanceOf(Fault.Refused.class);
    defaults.check(Map.of("retention.ms", "5", "local.retention.ms", "-2"));
  }

  private static boolean takes(Setting<?> setting, String value) {
    try {
      setting.parse(value);
      return true;
    } catch (Fault.Refused e) {
      return false;
    }
  }

  private static boolean kafkaTakes(String name, String value) {
    try {
      KAFKA.parse(Map.of(name, value));
      return true;
    } catch (ConfigException e) {
      return false;
    }
  }
}
