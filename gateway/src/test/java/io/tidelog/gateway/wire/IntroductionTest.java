package io.tidelog.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.gateway.ListenerAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntroductionTest {

  @ParameterizedTest
  @ValueSource(strings = {"10.1.2.3", "fd00::17"})
  void aClientIsIntroducedAsItIs(String address) throws Exception {
    var client = client(address);
    var request = client.request("cluster", 7, "app");
    var sent = MessageUtil.toByteBufferAccessor(request.body(), request.version());

    var read = new ApiVersionsRequestData(sent, request.version());

    assertThat(Introduction.of(read)).isEqualTo(client);
    assertThat(read.clusterId()).isEqualTo("cluster");
    assertThat(read.nodeId()).isEqualTo(7);
  }

  @Test
  void whoIsNotIntroducedIsNobody() throws Exception {
    assertThat(Introduction.of(new ApiVersionsRequestData())).isNull();
    var sound = (ApiVersionsRequestData) client("10.1.2.3").request("cluster", 7, "app").body();
    var field = sound.unknownTaggedFields().getFirst();
    for (int length = 0; length < field.size(); length++) {
      sound
          .unknownTaggedFields()
          .set(0, new RawTaggedField(field.tag(), Arrays.copyOf(field.data(), length)));
      assertThat(Introduction.of(sound)).isNull();
    }
  }

  private static Introduction client(String address) throws Exception {
    return new Introduction(
        new ListenerAddress("OUTSIDE", "tidelog.example", 9092),
        new InetSocketAddress(InetAddress.getByName(address), 40_000),
        "librdkafka",
        "2.11");
  }
}
