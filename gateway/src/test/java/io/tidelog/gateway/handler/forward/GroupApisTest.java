package io.tidelog.gateway.handler.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.junit.jupiter.api.Test;

/** Answers put together from those of several nodes. */
class GroupApisTest {

  @Test
  void aGatewayThatSpeaksForNoNodeIsNotTakenToRefuse() {
    var told = (DescribeLogDirsResponseData) GroupApis.folders(Map.of());

    assertThat(told.errorCode()).isZero();
    assertThat(told.results()).hasSize(1);
    assertThat(told.results().getFirst().errorCode()).isZero();
    assertThat(told.results().getFirst().topics()).isEmpty();
  }
}
