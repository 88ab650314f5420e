package io.tidelog.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatewayConfigTest {

  @Test
  void withoutSettingsOnlyThisMachineIsServed() {
    var config = GatewayConfig.of(Map.of());

    assertThat(config.listeners())
        .containsExactly(new ListenerAddress("PLAINTEXT", "localhost", 9092));
    assertThat(config.request().maxBytes()).isEqualTo(104_857_600);
    assertThat(config.connection().maxIdleMs()).isEqualTo(600_000);
  }

  @Test
  void clientsAreToldTheAdvertisedAddressOfTheListenerTheyAskOn() {
    var config =
        GatewayConfig.of(
            Map.of(
                "listeners", "INSIDE://:9092,OUTSIDE://[::1]:0",
                "advertised.listeners", "OUTSIDE://broker.example:19092",
                "listener.security.protocol.map", "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT"));
    var advertised = new AdvertisedAddresses(config, "node-1");

    assertThat(advertised.of("INSIDE")).isEqualTo(new ListenerAddress("INSIDE", "node-1", 9092));
    assertThat(advertised.of("OUTSIDE"))
        .isEqualTo(new ListenerAddress("OUTSIDE", "broker.example", 19092));
    assertThatThrownBy(() -> advertised.of("ELSEWHERE"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFreePortIsToldOnceItIsBound() {
    var config = GatewayConfig.of(Map.of("listeners", "PLAINTEXT://localhost:0"));
    var advertised = new AdvertisedAddresses(config, "node-1");

    advertised.onBound(List.of(config.listeners().getFirst().withPort(40_000)));

    assertThat(advertised.first().port()).isEqualTo(40_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listeners | ",
        "listeners | localhost:9092",
        "listeners | PLAINTEXT://localhost",
        "listeners | PLAINTEXT://localhost:70000",
        "listeners | PLAINTEXT://a:1,PLAINTEXT://b:2",
        "listeners | SSL://localhost:9092",
        "advertised.listeners | OTHER://localhost:9092",
        "advertised.listeners | PLAINTEXT://:9092",
        "queued.max.request.bytes | 2048",
        "max.connections | 0",
      })
  void aWrongSettingIsRefusedWithItsName(String key, String value) {
    assertThatThrownBy(() -> GatewayConfig.of(Map.of(key, value == null ? "" : value)))
        .isInstanceOf(Fault.Refused.class);
  }
}
