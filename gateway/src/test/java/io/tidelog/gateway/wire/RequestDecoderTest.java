package io.tidelog.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.gateway.wire.DecodedFrame.Request;
import io.tidelog.gateway.wire.DecodedFrame.Unacceptable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.MetadataRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RequestDecoderTest {

  private static final RequestLimits LIMITS = new RequestLimits(1_000, 10_000);

  private final RequestDecoder decoder = new RequestDecoder(EveryRequest.router(), LIMITS);

  @ParameterizedTest
  @EnumSource
  void everyServedVersionOfEveryApiIsRead(ApiKeys api) {
    for (short version : api.allVersions()) {
      if (EveryRequest.router().find(api, version) != null) {
        var frame = EveryRequest.frame(api, version, api.messageType.newRequest());

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
  void aFrameThatEndsWithinItsHeaderIsRefusedAndSaidToBeThat() {
    assertThat(decoder.decode(ByteBuffer.allocate(1)))
        .isInstanceOfSatisfying(
            Unacceptable.class,
            refused -> assertThat(refused.reason()).startsWith("unreadable request header: "));
  }

  @Test
  void anArrayMayNotPromiseMoreThanItsLimit() {
    assertThat(decoder.decode(metadata(LIMITS.maxElements()))).isInstanceOf(Request.class);
    assertThat(decoder.decode(metadata(LIMITS.maxElements() + 1))).isInstanceOf(Unacceptable.class);
  }

  @Test
  void aRequestMayNotHaveMoreFieldsThanItsLimit() {
    var tight = new RequestDecoder(EveryRequest.router(), new RequestLimits(1_000, 100));

    assertThat(tight.decode(metadata(200)))
        .isInstanceOfSatisfying(
            Unacceptable.class, refused -> assertThat(refused.reason()).contains("fields"));
  }

  @Test
  void aStringThatNoAnswerCouldRepeatIsRefused() {
    assertThat(decoder.decode(metadataOfBytes(20_000))).isInstanceOf(Unacceptable.class);
    assertThat(decoder.decode(metadataOfBytes(10_000))).isInstanceOf(Request.class);
  }

  /** Version 1, of one topic whose name is no UTF-8. */
  private static ByteBuffer metadataOfBytes(int count) {
    var frame = ByteBuffer.allocate(16 + count);
    frame.putShort(ApiKeys.METADATA.id).putShort((short) 1).putInt(1).putShort((short) -1);
    frame.putInt(1).putShort((short) count);
    while (frame.hasRemaining()) {
      frame.put((byte) 0xff);
    }
    return frame.flip();
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
    assertThat(FrameUse.of(ApiKeys.METADATA.id)).isEqualTo(FrameUse.NONE);
    assertThat(FrameUse.of(ApiKeys.PRODUCE.id)).isEqualTo(FrameUse.VIEWS);
    assertThat(FrameUse.of(ApiKeys.JOIN_GROUP.id)).isEqualTo(FrameUse.LASTING_VIEWS);
    assertThat(FrameUse.of(-1)).isEqualTo(FrameUse.NONE);
  }

  private static ByteBuffer metadata(int topics) {
    var body = new MetadataRequestData();
    var names = new ArrayList<MetadataRequestTopic>();
    for (int i = 0; i < topics; i++) {
      names.add(new MetadataRequestTopic().setName("t" + i));
    }
    return EveryRequest.frame(ApiKeys.METADATA, (short) 12, body.setTopics(names));
  }
}
