package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.gateway.wire.ClientRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class ResponseOrderTest {

  private final HoldingHandler handler = new HoldingHandler();

  @Test
  void answersLeaveInTheOrderOfTheRequests() throws Exception {
    try (var gateway = RunningGateway.start(Map.of(), handler);
        var client = gateway.connect()) {
      var headers = sendListGroups(client, 5);
      var held = new ArrayList<ClientRequest>();
      for (int i = 0; i < 5; i++) {
        held.add(handler.next());
      }

      held.reversed().forEach(HoldingHandler::answer);

      for (var header : headers) {
        assertThat(client.read(header)).isNotNull(); // checks the correlation id
      }
    }
  }

  @Test
  void aConnectionIsNotReadWhileTooManyOfItsRequestsAreInFlight() throws Exception {
    var settings = Map.of("tidelog.connection.in.flight.requests", "3");
    try (var gateway = RunningGateway.start(settings, handler);
        var client = gateway.connect()) {
      var headers = sendListGroups(client, 10);
      var held = new ArrayList<>(List.of(handler.next(), handler.next(), handler.next()));

      assertThat(handler.getsNoneWithin(Duration.ofMillis(200))).isTrue();

      for (int i = 0; i < 10; i++) {
        HoldingHandler.answer(held.removeFirst());
        assertThat(client.read(headers.get(i))).isNotNull();
        if (i < 7) {
          held.add(handler.next());
        }
      }
    }
  }

  @Test
  void whatAClientSentBeforeItClosedIsServedEvenAboveTheLimits() throws Exception {
    var settings = Map.of("tidelog.connection.in.flight.requests", "3");
    try (var gateway = RunningGateway.start(settings, handler)) {
      var client = gateway.connect();
      sendListGroups(client, 10);
      client.close();
      for (int i = 0; i < 10; i++) {
        HoldingHandler.answerNothing(handler.next());
      }
      await().until(() -> gateway.listener.openConnections() == 0);
      assertThat(gateway.listener.requestBytes()).isZero();
    }
  }

  @Test
  void aClientThatSendsNothingMoreGetsItsAnswers() throws Exception {
    var settings = Map.of("tidelog.connection.in.flight.requests", "3");
    try (var gateway = RunningGateway.start(settings, handler);
        var client = gateway.connect()) {
      var headers = sendListGroups(client, 10);
      client.endInput();
      for (var header : headers) {
        HoldingHandler.answer(handler.next());
        assertThat(client.read(header)).isNotNull();
      }
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void aClientThatHasGoneIsNotWaitedForLong() throws Exception {
    var settings = Map.of("tidelog.connection.drain.ms", "100");
    try (var gateway = RunningGateway.start(settings, handler)) {
      var client = gateway.connect();
      sendListGroups(client, 1);
      var held = handler.next();
      client.close();
      await().until(() -> gateway.listener.openConnections() == 0);
      HoldingHandler.answer(held);
      await().until(() -> gateway.listener.requestBytes() == 0);
    }
  }

  @Test
  void whoeverHoldsARequestIsToldThatItsConnectionClosed() throws Exception {
    try (var gateway = RunningGateway.start(Map.of(), handler)) {
      var told = new CountDownLatch(1);
      var client = gateway.connect();
      sendListGroups(client, 1);
      var request = handler.next();
      request
          .lane()
          .execute(
              () ->
                  request.onClosed(
                      () -> {
                        request.respondNothing();
                        told.countDown();
                      }));

      client.close();

      assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
      await().until(() -> !request.isOpen());
      await().until(() -> gateway.listener.requestBytes() == 0);
    }
  }

  @Test
  void memoryIsCountedUntilNobodyKeepsIt() throws Exception {
    try (var gateway = RunningGateway.start(Map.of(), handler);
        var client = gateway.connect()) {
      var header = sendListGroups(client, 1).getFirst();
      var request = handler.next();
      var kept = new ArrayList<Runnable>();
      request.lane().execute(() -> kept.add(request.keepMemory()));
      HoldingHandler.answer(request);
      assertThat(client.read(header)).isNotNull();

      assertThat(gateway.listener.requestBytes()).isPositive();
      request.lane().execute(kept.getFirst());

      await().until(() -> gateway.listener.requestBytes() == 0);
    }
  }

  @Test
  void aStoppingGatewayAnswersWhatItHas() throws Exception {
    var gateway = RunningGateway.start(Map.of(), handler);
    try (var client = gateway.connect()) {
      var header = sendListGroups(client, 1).getFirst();
      var request = handler.next();

      var closing = Thread.ofVirtual().start(gateway::close);
      HoldingHandler.answer(request);

      assertThat(client.read(header)).isNotNull();
      assertThat(client.isClosedByServer()).isTrue();
      assertThat(closing.join(Duration.ofSeconds(10))).isTrue();
    }
  }

  private static List<RequestHeader> sendListGroups(RawClient client, int count) throws Exception {
    var headers = new ArrayList<RequestHeader>();
    for (int i = 0; i < count; i++) {
      headers.add(
          client.send(new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(), i));
    }
    return headers;
  }
}
