package io.tidelog.hot.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.config.Setting;
import io.tidelog.hot.replica.net.ReplicaNetConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplicaSettingsTest {

  @Test
  void everySettingHasADefaultThatIsAllowed() {
    assertThat(ReplicaSettings.ALL)
        .allSatisfy(setting -> assertThat(setting.defaultValue()).isNotNull())
        .extracting(Setting::name)
        .doesNotHaveDuplicates();
  }

  @Test
  void defaultsAreThoseOfTheMachine() {
    assertThat(ReplicaSettings.of(Map.of())).isEqualTo(ReplicaConfig.DEFAULT);
  }

  @Test
  void aNodeIsReachedFromItsOwnMachineOnly() {
    assertThat(ReplicaNetConfig.DEFAULT.listen().host()).isEqualTo("127.0.0.1");
  }

  @Test
  void settingsThatContradictOneAnotherAreRefused() {
    assertRefused("tidelog.replication.silence.ms", "300");
    assertRefused("replica.lag.time.max.ms", "300");
    assertRefused("tidelog.replication.authority.ms", "1500");
    assertRefused("tidelog.replication.window.bytes", "1000000");
    assertThatThrownBy(
            () -> ReplicaNetConfig.of(Map.of("tidelog.replication.unsent.bytes", "2000000")))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("tidelog.replication.window.bytes");
    assertThatThrownBy(
            () -> ReplicaNetConfig.of(Map.of("tidelog.replication.connect.backoff.max.ms", "10")))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("tidelog.replication.connect.backoff.ms");
  }

  @Test
  void defaultsOfMovesAreThoseOfTheirDriver() {
    assertThat(MoveSettings.of(Map.of())).isEqualTo(MoveConfig.DEFAULT);
    assertThat(MoveSettings.ALL).extracting(Setting::name).doesNotHaveDuplicates();
    assertThatThrownBy(() -> MoveSettings.of(Map.of("tidelog.move.partitions.max", "0")))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("tidelog.move.partitions.max");
  }

  private static void assertRefused(String name, String value) {
    assertThatThrownBy(() -> ReplicaSettings.of(Map.of(name, value)))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining(name);
  }
}
