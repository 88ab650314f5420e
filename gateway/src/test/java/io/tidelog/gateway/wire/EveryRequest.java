package io.tidelog.gateway.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;

/** Makes frames, and a router that serves everything a client may ask a broker. */
final class EveryRequest {

  private static final RequestRouter ROUTER = makeRouter();

  private EveryRequest() {}

  static RequestRouter router() {
    return ROUTER;
  }

  static ByteBuffer frame(ApiKeys api, short version, Message body) {
    var header =
        new RequestHeaderData()
            .setRequestApiKey(api.id)
            .setRequestApiVersion(version)
            .setCorrelationId(42)
            .setClientId("client");
    var head = MessageUtil.toByteBufferAccessor(header, api.requestHeaderVersion(version)).buffer();
    var tail = MessageUtil.toByteBufferAccessor(body, version).buffer();
    return ByteBuffer.allocate(head.remaining() + tail.remaining()).put(head).put(tail).flip();
  }

  private static RequestRouter makeRouter() {
    var handlers = new ArrayList<RequestHandler>();
    for (var api : ApiKeys.clientApis()) {
      handlers.add(
          new RequestHandler() {
            @Override
            public ApiKeys api() {
              return api;
            }

            @Override
            public void handle(ClientRequest request) {
              throw new AssertionError("decoding does not handle");
            }
          });
    }
    return new RequestRouter(handlers);
  }
}
