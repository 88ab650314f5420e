package io.tidelog.gateway.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FetchLaneConfigTest {

  @Test
  void whatANodeMayKeepIsSplitOverItsLoops() {
    var config =
        FetchLaneConfig.of(
            Map.of(
                "max.incremental.fetch.session.cache.slots", "10",
                "tidelog.fetch.parked.max.bytes", "8388608"),
            4);
    assertThat(config.sessions().maxSessions()).isEqualTo(3);
    assertThat(config.parkedMaxBytes()).isEqualTo(2_097_152);
    assertThat(config.sessions().minEvictionMs()).isEqualTo(120_000);
  }

  @Test
  void noSlotsMeanNoSessions() {
    var config = FetchLaneConfig.of(Map.of("max.incremental.fetch.session.cache.slots", "0"), 2);
    assertThat(config.sessions().maxSessions()).isZero();
  }

  @Test
  void aValueOutOfBoundsIsRefusedByItsName() {
    assertThatThrownBy(() -> FetchLaneConfig.of(Map.of("tidelog.fetch.late.keep.ms", "1"), 1))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("tidelog.fetch.late.keep.ms");
  }

  @Test
  void everyDefaultIsWithinItsBounds() {
    assertThat(FetchSettings.ALL)
        .allSatisfy(setting -> assertThat(setting.defaultValue()).isNotNull());
  }
}
