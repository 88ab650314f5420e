package io.tidelog.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.gateway.wire.DecodedFrame.Request;
import io.tidelog.gateway.wire.DecodedFrame.Unacceptable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.MetadataRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RequestDecoderTest {

  private static final RequestLimits LIMITS = new RequestLimits(1_000, 10_000);

  private final RequestDecoder decoder = new RequestDecoder(router(), LIMITS);

  @ParameterizedTest
  @EnumSource
  void everyServedVersionOfEveryApiIsRead(ApiKeys api) {
    for (short version : api.allVersions()) {
      if (isServed(api, version)) {
        var frame = frame(api, version, api.messageType.newRequest());

        var decoded = decoder.decode(frame);

        // DescribeAcls refuses the unknown enums of an empty message: not a matter of the codec.
        if (api != ApiKeys.DESCRIBE_ACLS) {
          assertThat(decoded).as(api + " " + version).isInstanceOf(Request.class);
          assertThat(frame.remaining()).isZero();
        }
      }
    }
  }

  @Test
  void anArrayMayNotPromiseMoreThanItsLimit() {
    assertThat(decoder.decode(metadata(LIMITS.maxElements()))).isInstanceOf(Request.class);
    assertThat(decoder.decode(metadata(LIMITS.maxElements() + 1))).isInstanceOf(Unacceptable.class);
  }

  @Test
  void aRequestMayNotHaveMoreFieldsThanItsLimit() {
    var tight = new RequestDecoder(router(), new RequestLimits(1_000, 100));

    assertThat(tight.decode(metadata(200)))
        .isInstanceOfSatisfying(
            Unacceptable.class, refused -> assertThat(refused.reason()).contains("fields"));
  }

  @Test
  void aRequestKeepsWhatItWasSent() {
    var decoded = (Request) decoder.decode(metadata(3));

    assertThat(((MetadataRequest) decoded.body()).topics()).containsExactly("t0", "t1", "t2");
    assertThat(decoded.header().clientId()).isEqualTo("client");
    assertThat(decoded.header().correlationId()).isEqualTo(42);
  }

  @Test
  void onlyRequestsWithBytesKeepViewsOfTheirFrame() {
    assertThat(RequestDecoder.use(metadata(1))).isEqualTo(FrameUse.NONE);
    assertThat(RequestDecoder.use(apiKey(ApiKeys.PRODUCE))).isEqualTo(FrameUse.VIEWS);
    assertThat(RequestDecoder.use(apiKey(ApiKeys.JOIN_GROUP))).isEqualTo(FrameUse.LASTING_VIEWS);
    assertThat(RequestDecoder.use(ByteBuffer.allocate(1))).isEqualTo(FrameUse.NONE);
  }

  private static ByteBuffer apiKey(ApiKeys api) {
    return ByteBuffer.allocate(2).putShort(api.id).flip();
  }

  private static ByteBuffer metadata(int topics) {
    var body = new MetadataRequestData();
    var names = new ArrayList<MetadataRequestTopic>();
    for (int i = 0; i < topics; i++) {
      names.add(new MetadataRequestTopic().setName("t" + i));
    }
    return frame(ApiKeys.METADATA, (short) 12, body.setTopics(names));
  }

  private static ByteBuffer frame(ApiKeys api, short version, Message body) {
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

  private static boolean isServed(ApiKeys api, short version) {
    return router().find(api, version) != null;
  }

  /** Serves everything a client may ask a broker. */
  private static RequestRouter router() {
    var handlers = new ArrayList<RequestHandler>();
    for (var api : List.copyOf(ApiKeys.clientApis())) {
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
