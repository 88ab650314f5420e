package io.tidelog.gateway.net;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Holds every request until the test answers it. */
final class HoldingHandler implements RequestHandler {

  private final BlockingQueue<ClientRequest> held = new LinkedBlockingQueue<>();

  @Override
  public ApiKeys api() {
    return ApiKeys.LIST_GROUPS;
  }

  @Override
  public void handle(ClientRequest request) {
    held.add(request);
  }

  /** The next request, in the order they were handed over. */
  ClientRequest next() throws InterruptedException {
    var request = held.poll(10, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("no request came");
    }
    return request;
  }

  boolean getsNoneWithin(Duration time) throws InterruptedException {
    return held.poll(time.toMillis(), TimeUnit.MILLISECONDS) == null;
  }

  static void answerNothing(ClientRequest request) {
    request.lane().execute(request::respondNothing);
  }

  static void answer(ClientRequest request) {
    request.lane().execute(() -> request.respond(new ListGroupsResponseData()));
  }
}
