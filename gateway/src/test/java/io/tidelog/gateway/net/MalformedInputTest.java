package io.tidelog.gateway.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.netty.util.internal.PlatformDependent;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(LeakCheck.class)
class MalformedInputTest {

  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    gateway = RunningGateway.start();
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  static Stream<Arguments> unacceptable() {
    return Stream.of(
        argumentSet("a web browser", (Object) "GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII)),
        argumentSet("a TLS client", (Object) hex("16030100f1010000ed0303" + "00".repeat(32))),
        argumentSet("an empty frame", (Object) hex("00000000")),
        argumentSet("a negative length", (Object) hex("ffffffff")),
        argumentSet("the largest length", (Object) hex("7fffffff")),
        argumentSet("a length over the limit", (Object) hex("06400001")),
        argumentSet("a large first frame", (Object) hex("0000c001" + "0012000400000001ffff")),
        argumentSet("an API key alone", (Object) framedHex("0012")),
        argumentSet("an unknown API key", (Object) framedHex("7fff0000000000010000")),
        argumentSet("an API that is not served", (Object) framedHex("001d0001000000010000")),
        argumentSet("a version that is not served", (Object) framedHex("00030063000000010000")),
        argumentSet("a header cut short", (Object) framedHex("000300010000")),
        argumentSet(
            "a client id longer than the frame", (Object) framedHex("00030001000000017fff")),
        argumentSet("a body cut short", (Object) framedHex("0003000100000001000000000002")),
        argumentSet(
            "an array of two billion", (Object) framedHex("00030001000000010000" + "7fffffff")),
        argumentSet("zeros", (Object) new byte[4_096]));
  }

  @ParameterizedTest
  @MethodSource("unacceptable")
  void whateverIsNoRequestClosesItsConnectionAndHarmsNobody(byte[] bytes) throws Exception {
    try (var bystander = gateway.connect();
        var client = gateway.connect()) {
      client.send(bytes);

      assertThat(client.isClosedByServer()).isTrue();
      assertThat(bystander.readApiVersions(bystander.sendApiVersions(7)).data().errorCode())
          .isZero();
    }
    await().until(() -> gateway.listener.openConnections() == 0);
    assertThat(gateway.listener.requestBytes()).isZero();
  }

  @Test
  void requestsBeforeGarbageAreAnswered() throws Exception {
    try (var client = gateway.connect()) {
      var header = client.sendApiVersions(1);
      client.send(hex("ffffffff"));

      assertThat(client.readApiVersions(header).data().errorCode()).isZero();
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void anUnknownVersionOfApiVersionsIsAnsweredSoThatTheClientCanFallBack() throws Exception {
    try (var client = gateway.connect()) {
      client.sendFrame(hex("0012" + "03e7" + "00000005" + "ffff" + "00" + "0102030405"));

      var versionZero = new RequestHeader(ApiKeys.API_VERSIONS, (short) 0, "raw", 5);
      var answer = client.readApiVersions(versionZero).data();

      assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.UNSUPPORTED_VERSION);
      assertThat(answer.apiKeys().find(ApiKeys.API_VERSIONS.id).maxVersion())
          .isEqualTo(ApiKeys.API_VERSIONS.latestVersion(false));
      assertThat(client.readApiVersions(client.sendApiVersions(6)).data().errorCode()).isZero();
    }
  }

  @Test
  void aRequestMayComeBeforeApiVersions() throws Exception {
    try (var client = gateway.connect()) {
      var request = new MetadataRequest(new MetadataRequestData().setTopics(null), (short) 1);

      var answer = (MetadataResponse) client.read(client.send(request, 1));

      assertThat(answer.brokers()).hasSize(1);
    }
  }

  @Test
  void connectionsThatSentNothingValidHoldLittleMemory() throws Exception {
    int count = 100;
    var clients = new ArrayList<RawClient>();
    long before = PlatformDependent.usedDirectMemory();
    for (int i = 0; i < count; i++) {
      var client = gateway.connect();
      clients.add(client);
      client.send(ByteBuffer.allocate(40_000).putInt(49_152).array());
    }
    await().until(() -> gateway.listener.requestBytes() == 49_152L * count);

    assertThat(PlatformDependent.usedDirectMemory() - before).isLessThan(65_536L * count);
    for (var client : clients) {
      client.close();
    }
    await().until(() -> gateway.listener.requestBytes() == 0);
  }

  @Test
  void whatClaimsToBeALargeProduceRequestGetsNoMoreMemoryThanItSends() throws Exception {
    var settings = Map.of("queued.max.request.bytes", "2000000000");
    int size = 100_000_000;
    try (var roomy = RunningGateway.start(settings, new ProduceClaims())) {
      long before = PlatformDependent.usedDirectMemory();
      var clients = new ArrayList<RawClient>();
      for (int i = 0; i < 10; i++) {
        var client = new RawClient("127.0.0.1", roomy.port);
        clients.add(client);
        client.send(ByteBuffer.allocate(20).putInt(size).putInt(0x0000000c).putInt(1).array());
      }
      await().until(() -> roomy.listener.requestBytes() == (long) size * clients.size());
      assertThat(PlatformDependent.usedDirectMemory() - before)
          .isLessThan(65_536L * clients.size());
      for (var client : clients) {
        client.close();
      }
      await().until(() -> roomy.listener.requestBytes() == 0);
    }
  }

  @Test
  void aLargeRequestThatDawdlesGivesWayToThoseThatWaitForItsMemory() throws Exception {
    var settings =
        Map.of(
            "socket.request.max.bytes", "1000000",
            "queued.max.request.bytes", "1000000",
            "tidelog.request.progress.window.ms", "200",
            "tidelog.request.progress.bytes", "1");
    try (var tight = RunningGateway.start(settings);
        var dawdler = tight.connect();
        var other = tight.connect()) {
      dawdler.readApiVersions(dawdler.sendApiVersions(1));
      dawdler.send(ByteBuffer.allocate(20).putInt(1_000_000).array());
      await().until(() -> tight.listener.requestBytes() >= 1_000_000);
      var header = other.sendApiVersions(1);
      var answered = Thread.ofVirtual().start(() -> readQuietly(other, header));
      await()
          .until(
              () -> {
                sendQuietly(dawdler);
                return !answered.isAlive();
              });
      assertThat(tight.listener.stats().closedForCause()).isOne();
      assertThat(other.readApiVersions(other.sendApiVersions(2))).isNotNull();
    }
  }

  private static void readQuietly(RawClient client, RequestHeader header) {
    try {
      client.readApiVersions(header);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void sendQuietly(RawClient client) {
    try {
      client.send(new byte[1]);
    } catch (IOException closed) {
      // what the test waits for
    }
  }

  @Test
  void aSilentConnectionIsClosed() throws Exception {
    var settings = Map.of("tidelog.connection.first.request.timeout.ms", "100");
    try (var strict = RunningGateway.start(settings);
        var client = strict.connect()) {
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void aRequestThatTricklesInIsGivenUp() throws Exception {
    var settings = Map.of("tidelog.request.progress.window.ms", "100");
    try (var strict = RunningGateway.start(settings);
        var client = strict.connect()) {
      client.readApiVersions(client.sendApiVersions(1));
      client.send(ByteBuffer.allocate(20).putInt(100_000).array());

      assertThat(client.isClosedByServer()).isTrue();
      await().until(() -> strict.listener.requestBytes() == 0);
    }
  }

  @Test
  void anIdleConnectionIsClosed() throws Exception {
    try (var strict = RunningGateway.start(Map.of("connections.max.idle.ms", "100"));
        var client = strict.connect()) {
      client.readApiVersions(client.sendApiVersions(1));

      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void connectionsFromOneAddressAreLimited() throws Exception {
    try (var strict = RunningGateway.start(Map.of("max.connections.per.ip", "2"));
        var first = strict.connect()) {
      first.readApiVersions(first.sendApiVersions(1));
      try (var second = strict.connect();
          var third = strict.connect()) {
        second.readApiVersions(second.sendApiVersions(1));
        assertThat(third.isClosedByServer()).isTrue();
      }
      await().until(() -> strict.listener.openConnections() == 1);
      try (var fourth = strict.connect()) {
        assertThat(fourth.readApiVersions(fourth.sendApiVersions(1))).isNotNull();
      }
    }
  }

  @Test
  void allConnectionsTogetherAreLimited() throws Exception {
    try (var strict = RunningGateway.start(Map.of("max.connections", "1"));
        var first = strict.connect()) {
      first.readApiVersions(first.sendApiVersions(1));
      try (var second = strict.connect()) {
        assertThat(second.isClosedByServer()).isTrue();
      }
    }
  }

  private static byte[] framedHex(String text) {
    return RawClient.framed(hex(text));
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  /** Only what is served may be so large. */
  private static final class ProduceClaims implements RequestHandler {

    @Override
    public ApiKeys api() {
      return ApiKeys.PRODUCE;
    }

    @Override
    public void handle(ClientRequest request) {
      request.disconnect("no such request is whole");
    }
  }
}
