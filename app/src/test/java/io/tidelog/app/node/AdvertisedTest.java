package io.tidelog.app.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.core.Fault;
import io.tidelog.metadata.api.Endpoint;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdvertisedTest {

  private static final Endpoint BOUND = new Endpoint("0.0.0.0", 9093);

  @Test
  void othersAreToldWhatIsSetOrElseWhereItIsBound() {
    assertThat(told("")).isEqualTo(BOUND);
    assertThat(told("10.0.1.20:19093")).isEqualTo(new Endpoint("10.0.1.20", 19_093));
    assertThat(told("[fd00::1]:19093")).isEqualTo(new Endpoint("fd00::1", 19_093));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.1.20", ":9093", "host:", "host:0", "host:65536", "host:-1"})
  void whatIsNoAddressIsRefusedByItsKey(String text) {
    assertThatThrownBy(() -> told(text))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("tidelog.internal.advertised");
  }

  private static Endpoint told(String text) {
    var settings = Map.of("tidelog.internal.advertised", text);
    var config = NodeConfig.read(null, Map.of(), settings, NodeConfig.topicDefaultNames());
    return Advertised.of(NodeSettings.INTERNAL_ADVERTISED, config, BOUND);
  }
}
