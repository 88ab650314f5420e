package io.tidelog.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientZonesTest {

  private final ClientZones zones =
      ClientZones.of(
          Map.of(
              "tidelog.zones.cidrs",
              "10.1.0.0/16=eu-1a, 10.1.128.0/17=eu-1b,fd00:1::/32=eu-1c,192.168.7.5=desk,"
                  + "10.9.3.0/26=small",
              "tidelog.zones.listeners",
              "inside=eu-1d"));

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "app, 10.1.2.3, PLAINTEXT, -, eu-1a",
        "app, 10.1.200.3, PLAINTEXT, -, eu-1b",
        "app, fd00:1:2::9, PLAINTEXT, -, eu-1c",
        "app, fd00:2::9, PLAINTEXT, -, -",
        "app, 192.168.7.5, PLAINTEXT, -, desk",
        "app, 192.168.7.6, PLAINTEXT, -, -",
        "app, 10.9.3.63, PLAINTEXT, -, small",
        "app, 10.9.3.64, PLAINTEXT, -, -",
        "app, 172.16.0.1, INSIDE, -, eu-1d",
        "app, 10.1.2.3, INSIDE, -, eu-1a",
        "app, 172.16.0.1, PLAINTEXT, rack-7, rack-7",
        "app, 10.1.2.3, PLAINTEXT, rack-7, eu-1a",
        "'orders,zone=eu-9z', 10.1.2.3, INSIDE, rack-7, eu-9z",
        "zone=eu-9z;rest, 10.1.2.3, INSIDE, -, eu-9z",
        "timezone=x, 172.16.0.1, PLAINTEXT, -, -",
        "zone=, 172.16.0.1, PLAINTEXT, -, -",
      })
  void theNearestWordCounts(
      String clientId, String address, String listener, String rack, String zone)
      throws UnknownHostException {
    assertThat(zones.of(clientId, InetAddress.getByName(address), listener, rack)).isEqualTo(zone);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/8", "10.0.0.0/33=a", "host.example/8=a", "=a", "10.0.0.0/x=a"})
  void whatIsNoNetworkWithAZoneIsRefused(String text) {
    assertThatThrownBy(() -> ClientZones.of(Map.of("tidelog.zones.cidrs", text)))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("tidelog.zones.cidrs");
  }

  @Test
  void aListenerWithoutAZoneIsRefused() {
    assertThatThrownBy(() -> ClientZones.of(Map.of("tidelog.zones.listeners", "INSIDE")))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("tidelog.zones.listeners");
  }
}
