package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ApiVersionsTest {

  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    gateway = RunningGateway.start();
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void everyVersionIsAnsweredWithWhatIsServedAndNothingElse() throws Exception {
    for (short version : ApiKeys.API_VERSIONS.allVersions()) {
      var answer = ask(named(), version);

      assertThat(answer.apiKeys().stream().map(api -> ApiKeys.forId(api.apiKey())))
          .containsExactlyInAnyOrder(
              ApiKeys.API_VERSIONS, ApiKeys.METADATA, ApiKeys.DESCRIBE_CLUSTER);
    }
  }

  @Test
  void aClientWithoutANameIsRefusedAsKafkaDoes() throws Exception {
    var answer = ask(new ApiVersionsRequestData(), (short) 3);

    assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.INVALID_REQUEST);
  }

  @Test
  void aClientOfAnotherClusterIsSentBackToItsBootstrapServers() throws Exception {
    var here = named().setClusterId(InMemoryCluster.CLUSTER_ID).setNodeId(InMemoryCluster.NODE_ID);

    assertThat(error(ask(here.duplicate(), (short) 5))).isEqualTo(Errors.NONE);
    assertThat(error(ask(here.duplicate().setClusterId("elsewhere"), (short) 5)))
        .isEqualTo(Errors.REBOOTSTRAP_REQUIRED);
    assertThat(error(ask(here.duplicate().setNodeId(99), (short) 5)))
        .isEqualTo(Errors.REBOOTSTRAP_REQUIRED);
  }

  private static ApiVersionsRequestData named() {
    return new ApiVersionsRequestData()
        .setClientSoftwareName("raw")
        .setClientSoftwareVersion("1.0");
  }

  private static Errors error(ApiVersionsResponseData answer) {
    return Errors.forCode(answer.errorCode());
  }

  private static ApiVersionsResponseData ask(ApiVersionsRequestData body, short version)
      throws Exception {
    try (var client = gateway.connect()) {
      return client
          .readApiVersions(client.send(new ApiVersionsRequest(body, version), version))
          .data();
    }
  }
}
