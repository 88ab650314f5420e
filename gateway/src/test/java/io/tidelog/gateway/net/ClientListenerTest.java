package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClientListenerTest {

  @Test
  void anUnmodifiedAdminClientSeesTheCluster() throws Exception {
    try (var gateway = RunningGateway.start();
        var admin = gateway.admin()) {
      var cluster = admin.describeCluster();

      assertThat(cluster.clusterId().get(10, TimeUnit.SECONDS))
          .isEqualTo(InMemoryCluster.CLUSTER_ID);
      assertThat(cluster.nodes().get(10, TimeUnit.SECONDS)).hasSize(1);
    }
  }

  @Test
  void bothLoopbacksAreBound() throws Exception {
    try (var gateway = RunningGateway.start();
        var ipv4 = new RawClient("127.0.0.1", gateway.port);
        var ipv6 = new RawClient("::1", gateway.port)) {
      assertThat(ipv4.readApiVersions(ipv4.sendApiVersions(1)).errorCounts()).hasSize(1);
      assertThat(ipv6.readApiVersions(ipv6.sendApiVersions(1)).errorCounts()).hasSize(1);
    }
  }
}
