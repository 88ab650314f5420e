package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.requests.ListGroupsRequest;
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
  void severalEventLoopsShareTheListeners() throws Exception {
    var handler = new HoldingHandler();
    try (var gateway = RunningGateway.start(Map.of("num.network.threads", "2"), handler);
        var first = gateway.connect();
        var second = gateway.connect()) {
      for (var client : List.of(first, second)) {
        client.send(new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(), 1);
      }
      var one = handler.next();
      var other = handler.next();

      assertThat(one.lane()).isNotSameAs(other.lane());
      HoldingHandler.answer(one);
      HoldingHandler.answer(other);
      assertThat(first.readFrame()).isNotEmpty();
      assertThat(second.readFrame()).isNotEmpty();
    }
  }

  @Test
  void whatCameWhileTheProcessStoodStillIsNotServed() throws Exception {
    var handler = new HoldingHandler();
    try (var gateway = RunningGateway.start(Map.of(), handler);
        var before = gateway.connect()) {
      before.send(new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(), 1);
      HoldingHandler.answer(handler.next());
      assertThat(before.readFrame()).isNotEmpty();

      gateway.clock.jumpMs(2_000);
      before.send(new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(), 2);
      assertThat(before.isClosedByServer()).isTrue();

      try (var after = gateway.connect()) {
        after.send(new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(), 3);
        var served = handler.next();
        assertThat(served.header().correlationId()).isEqualTo(3);
        HoldingHandler.answer(served);
        assertThat(after.readFrame()).isNotEmpty();
      }
    }
  }

  @Test
  void aPortInUseIsToldAsSuch() throws Exception {
    try (var gateway = RunningGateway.start()) {
      var settings = Map.of("listeners", "PLAINTEXT://localhost:" + gateway.port);

      assertThatThrownBy(() -> RunningGateway.start(settings))
          .hasCauseInstanceOf(Fault.Retriable.class)
          .hasMessageContaining("cannot listen on 127.0.0.1:" + gateway.port);
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
