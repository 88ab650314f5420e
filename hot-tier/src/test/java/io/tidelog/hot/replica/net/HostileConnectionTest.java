package io.tidelog.hot.replica.net;

import static io.tidelog.hot.replica.net.TestNode.eventually;
import static io.tidelog.hot.replica.net.VertxReplicaTransportTest.append;
import static io.tidelog.hot.replica.net.VertxReplicaTransportTest.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.PartitionId;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.ReplicaMessage.TakeOver;
import io.tidelog.hot.replica.net.Handshake.Answer;
import io.tidelog.hot.replica.net.Handshake.Hello;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sockets that do not behave as nodes do. */
@ExtendWith(LeakCheck.class)
class HostileConnectionTest {

  private static final int MIB = 1 << 20;
  private static final Hello HELLO = new Hello(1, 1, TestNode.CLUSTER, 1, 2);

  @Test
  void aNodeThatReadsNothingHoldsNoMoreThanTheLimitAndIsDisconnected() throws Exception {
    var settings =
        Map.of(
            "tidelog.replication.unsent.bytes", "" + 8 * MIB,
            "tidelog.replication.window.bytes", "" + 8 * MIB);
    try (var one = TestNode.start(1, TestNode.CLUSTER, settings);
        var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      server.setReceiveBufferSize(64 << 10);
      one.findsAt(2, server.getLocalPort());
      one.send(2, new TakeOver(1));
      try (var socket = server.accept()) {
        socket.getInputStream().readNBytes(Handshake.HELLO_BYTES);
        socket.getOutputStream().write(new Answer(Optional.empty(), 1, 2).encode().array());
        eventually().until(() -> one.transport.stats().outgoing() == 1);
        var sent = new ArrayList<TestGroups>();
        var bytes = ByteBuffer.allocateDirect(MIB);
        long most = 0;
        while (one.disconnected.isEmpty()) {
          var groups = TestGroups.ofMemory(bytes.duplicate());
          sent.add(groups);
          one.transport.send(TestNode.LOG, 2, append(0), groups);
          most = Math.max(most, sent.stream().filter(each -> each.closed.get() == 0).count());
        }
        assertThat(most).isBetween(7L, 8L);
        eventually()
            .untilAsserted(
                () ->
                    assertThat(sent)
                        .allSatisfy(each -> assertThat(each.closed.get()).isEqualTo(1)));
        assertThat(one.transport.stats().unsentBytes()).isZero();
      }
    }
  }

  @Test
  void aNodeOfAnOlderVersionIsToldNothingItDoesNotKnow() throws Exception {
    try (var one = TestNode.start(1);
        var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      one.findsAt(2, server.getLocalPort());
      one.send(2, new ReplicaMessage.NeedsAsk(1, TestNode.LOG, new PartitionId(new UUID(1, 2), 3)));
      one.send(2, new TakeOver(1));
      try (var socket = server.accept()) {
        socket.getInputStream().readNBytes(Handshake.HELLO_BYTES);
        socket.getOutputStream().write(new Answer(Optional.empty(), 1, 2).encode().array());
        var known = ReplicaCodecTest.encoded(new ReplicaFrame(TestNode.LOG, new TakeOver(1)));
        var received = socket.getInputStream().readNBytes(known.remaining());
        assertThat(ByteBuffer.wrap(received)).isEqualTo(known);
        assertThat(one.transport.stats().droppedMessages()).isEqualTo(1);
      }
    }
  }

  @Test
  void bytesOfAnotherProtocolEndTheirConnectionOnly() throws Exception {
    var random = new Random(4_711);
    try (var one = TestNode.start(1);
        var two = TestNode.start(2)) {
      TestNode.introduce(one, two);
      one.send(2, new TakeOver(1));
      eventually().until(() -> two.heard.size() == 1);
      for (int i = 0; i < 50; i++) {
        try (var socket = connect(two)) {
          var noise = new byte[Handshake.HELLO_BYTES + random.nextInt(1_000)];
          random.nextBytes(noise);
          socket.getOutputStream().write(noise);
          assertThat(readToEnd(socket)).isZero();
        }
      }
      one.send(2, new TakeOver(2));
      eventually().until(() -> two.heard.size() == 2);
      assertThat(two.disconnected).isEmpty();
      assertThat(two.transport.stats().incoming()).isEqualTo(1);
    }
  }

  @Test
  void aFrameOfANewerVersionEndsTheConnectionAndIsTold() throws Exception {
    try (var two = TestNode.start(2);
        var socket = connect(two)) {
      greet(socket);
      var frame = ReplicaCodecTest.encoded(new ReplicaFrame(TestNode.LOG, new TakeOver(1)));
      socket.getOutputStream().write(frame.array());
      eventually().until(() -> two.heard.size() == 1);
      frame.put(ReplicaFormat.VERSION_POSITION, (byte) 3);
      socket.getOutputStream().write(frame.array());
      assertThat(readToEnd(socket)).isZero();
      eventually().until(() -> two.disconnected.contains(1));
      assertThat(two.heard).hasSize(1);
    }
  }

  @Test
  void whoSaysNothingIsClosedAfterTheTimeout() throws Exception {
    var settings = Map.of("tidelog.replication.connect.timeout.ms", "50");
    try (var two = TestNode.start(2, TestNode.CLUSTER, settings);
        var socket = connect(two)) {
      assertThat(readToEnd(socket)).isZero();
    }
  }

  @Test
  void whoAnswersNothingIsLeftAfterTheTimeout() throws Exception {
    var settings = Map.of("tidelog.replication.connect.timeout.ms", "50");
    try (var one = TestNode.start(1, TestNode.CLUSTER, settings);
        var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      one.findsAt(2, server.getLocalPort());
      var groups = TestGroups.ofMemory(random(1, 1_000));
      one.transport.send(TestNode.LOG, 2, append(0), groups);
      eventually().until(() -> groups.closed.get() == 1);
      assertThat(one.disconnected).isEmpty();
    }
  }

  @Test
  void aNewConnectionOfANodeEndsItsOldOne() throws Exception {
    try (var two = TestNode.start(2);
        var before = connect(two);
        var after = connect(two)) {
      greet(before);
      assertThat(two.disconnected).isEmpty();
      greet(after);
      assertThat(readToEnd(before)).isZero();
      eventually().until(() -> two.disconnected.size() == 1);
      var frame = ReplicaCodecTest.encoded(new ReplicaFrame(TestNode.LOG, new TakeOver(1)));
      after.getOutputStream().write(frame.array());
      eventually().until(() -> two.heard.size() == 1);
      assertThat(two.transport.stats().incoming()).isEqualTo(1);
    }
  }

  @Test
  void moreConnectionsThanAllowedAreClosed() throws Exception {
    var settings = Map.of("tidelog.replication.connections.max", "1");
    try (var two = TestNode.start(2, TestNode.CLUSTER, settings)) {
      try (var first = connect(two)) {
        greet(first);
        try (var second = connect(two)) {
          assertThat(readToEnd(second)).isZero();
        }
      }
      eventually().until(() -> two.disconnected.size() == 1);
      try (var third = connect(two)) {
        greet(third);
      }
    }
  }

  private static Socket connect(TestNode node) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), node.port);
  }

  private static void greet(Socket socket) throws IOException {
    socket.getOutputStream().write(HELLO.encode().array());
    var answer = socket.getInputStream().readNBytes(Handshake.ANSWER_BYTES);
    assertThat(Answer.decode(ByteBuffer.wrap(answer)))
        .isEqualTo(new Answer(Optional.empty(), 1, 2));
  }

  /** How many bytes came until the other end closed. */
  private static long readToEnd(Socket socket) throws IOException {
    socket.setSoTimeout(20_000);
    try {
      return socket.getInputStream().readAllBytes().length;
    } catch (java.net.SocketException e) {
      assertThat(e).hasMessageContaining("reset");
      return 0;
    }
  }
}
