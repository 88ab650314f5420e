package io.tidelog.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.junit.jupiter.api.Test;

class GroupSettingsTest {

  private static final Set<String> OURS =
      Set.of(
          "tidelog.offsets.garbage.bytes",
          "group.initial.rebalance.delay.ms",
          "group.coordinator.threads");

  @Test
  void defaultsAreKafkasButForAFew() {
    var kafkas = GroupCoordinatorConfig.CONFIG_DEF.defaultValues();
    for (var setting : GroupSettings.ALL) {
      if (!OURS.contains(setting.name())) {
        var kafka = kafkas.get(setting.name());
        var expected = kafka instanceof List<?> words ? words : kafka;
        assertThat(String.valueOf(setting.defaultValue()))
            .as(setting.name())
            .isEqualTo(String.valueOf(expected));
      }
    }
  }

  @Test
  void settingsOfANodeReachTheCoordinatorAndOthersDoNot() {
    var config =
        GroupsConfig.ofNode(
            1, Map.of("offsets.topic.num.partitions", "7", "log.segment.bytes", "x"));

    assertThat(config.toKafka().offsetsTopicPartitions()).isEqualTo(7);
    assertThat(config.toKafka().classicGroupInitialRebalanceDelayMs()).isZero();
  }

  @Test
  void aWrongLimitIsRefused() {
    var config = GroupsConfig.ofNode(1, Map.of("tidelog.offsets.garbage.bytes", "1"));

    assertThatThrownBy(config::compactionLimits).isInstanceOf(Fault.Refused.class);
  }
}
