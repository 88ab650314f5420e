package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Serves a request on the internal listener when it is known for which client it comes; closes the
 * connection of anybody else. Keeps nothing: the connection knows.
 */
record IntroducedOnly(RequestHandler handler) implements RequestHandler {

  @Override
  public ApiKeys api() {
    return handler.api();
  }

  @Override
  public short minVersion() {
    return handler.minVersion();
  }

  @Override
  public short maxVersion() {
    return handler.maxVersion();
  }

  @Override
  public void handle(ClientRequest request) {
    if (request.link().isIntroduced()) {
      handler.handle(request);
    } else {
      request.disconnect(api() + " before the client was introduced");
    }
  }
}
