package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.config.Setting;
import io.tidelog.hot.leader.Durability;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HotTierConfigTest {

  @Test
  void everySettingHasADefaultThatIsAllowed() {
    assertThat(HotTierSettings.ALL)
        .allSatisfy(setting -> assertThat(setting.defaultValue()).isNotNull())
        .extracting(Setting::name)
        .doesNotHaveDuplicates();
    assertThat(HotTierConfig.DEFAULT.durability()).isEqualTo(Durability.FSYNC);
    assertThat(HotTierConfig.DEFAULT.segments().segmentBytes()).isEqualTo(256 << 20);
  }

  @Test
  void backPressureFollowsTheCapOfTheLog() {
    var config = HotTierConfig.of(Map.of("tidelog.local.max.bytes", "1000000000"));
    assertThat(config.admission().slowLagBytes()).isEqualTo(500_000_000);
    assertThat(config.admission().refuseLagBytes()).isEqualTo(800_000_000);
  }

  @Test
  void settingsThatContradictOneAnotherAreRefused() {
    assertThatThrownBy(() -> HotTierConfig.of(Map.of("tidelog.offload.lag.slow.percent", "90")))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("tidelog.offload.lag.refuse.percent");
  }
}
