package io.tidelog.hot.replica.net;

import static io.tidelog.hot.replica.net.TestNode.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidelog.core.LogId;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.ReplicaMessage.Append;
import io.tidelog.hot.replica.ReplicaMessage.TakeOver;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Nodes in one process that speak over real sockets. */
@ExtendWith(LeakCheck.class)
class VertxReplicaTransportTest {

  private static final int MIB = 1 << 20;
  private static final LogId OTHER_LOG = new LogId(new UUID(9, 9));

  @Test
  void threeNodesSpeakAllWithAllInOrder() throws Exception {
    try (var one = TestNode.start(1);
        var two = TestNode.start(2);
        var three = TestNode.start(3)) {
      var nodes = List.of(one, two, three);
      TestNode.introduce(one, two, three);
      for (long term = 0; term < 500; term++) {
        for (var from : nodes) {
          for (var to : nodes) {
            if (from != to) {
              from.send(to.id, new TakeOver(term));
            }
          }
        }
      }
      for (var from : nodes) {
        for (var to : nodes) {
          if (from != to) {
            eventually().until(() -> to.heardFrom(from.id).size() == 500);
            assertThat(to.heardFrom(from.id))
                .extracting(ReplicaMessage::term)
                .containsExactlyElementsOf(LongStream.range(0, 500).boxed().toList());
          }
        }
      }
      assertThat(one.transport.stats().incoming()).isEqualTo(2);
      assertThat(one.transport.stats().outgoing()).isEqualTo(2);
    }
  }

  @Test
  void groupsArriveByteForByteWhereverTheyLie(@TempDir Path folder) throws Exception {
    try (var one = TestNode.start(1);
        var two = TestNode.start(2);
        var file = FileChannel.open(filled(folder.resolve("segment"), 3 * MIB))) {
      TestNode.introduce(one, two);
      var mapped = file.map(FileChannel.MapMode.READ_ONLY, 0, 3 * MIB);
      var heap = random(5, 3_000);
      var direct = ByteBuffer.allocateDirect(200_000).put(random(6, 200_000)).flip();
      var sent = new ArrayList<TestGroups>();
      for (int bytes : new int[] {1, 100, 64 << 10, MIB, 2 * MIB + 7}) {
        sent.add(
            new TestGroups(
                new RecordBytes.MemoryPart(heap.duplicate()),
                new RecordBytes.FilePart(file, 5, mapped.slice(5, bytes)),
                new RecordBytes.MemoryPart(ByteBuffer.allocate(0)),
                new RecordBytes.MemoryPart(direct.duplicate())));
        sent.add(new TestGroups(new RecordBytes.FilePart(file, 9, mapped.slice(9, bytes))));
      }
      sent.add(new TestGroups());
      for (int i = 0; i < sent.size(); i++) {
        one.transport.send(TestNode.LOG, 2, append(i), sent.get(i));
        int count = i + 1;
        eventually().until(() -> two.heard.size() == count);
      }
      var heard = two.heardFrom(1);
      for (int i = 0; i < sent.size(); i++) {
        var append = (Append) heard.get(i);
        assertThat(append.lsn()).isEqualTo(i);
        assertThat(append.groups()).isEqualTo(joined(sent.get(i)));
        two.transport.giveBack(append.groups());
      }
      eventually().untilAsserted(() -> assertAllClosedOnce(sent));
      assertThat(one.transport.stats().unsentBytes()).isZero();
    }
  }

  @Test
  void messagesForALogNobodyHearsArePassedOver() throws Exception {
    try (var one = TestNode.start(1);
        var two = TestNode.start(2)) {
      TestNode.introduce(one, two);
      one.transport.send(OTHER_LOG, 2, append(1), TestGroups.ofMemory(random(1, 3 * MIB)));
      one.transport.send(OTHER_LOG, 2, new TakeOver(1));
      one.send(2, new TakeOver(2));
      one.transport.send(OTHER_LOG, 2, append(1), TestGroups.ofMemory(random(1, 3 * MIB)));
      one.send(2, new TakeOver(3));
      eventually().until(() -> two.heard.size() == 2);
      assertThat(two.heardFrom(1)).containsExactly(new TakeOver(2), new TakeOver(3));
      two.transport.forget(TestNode.LOG);
      assertThat(two.disconnected).isEmpty();
    }
  }

  @Test
  void aNodeThatWasAwayIsReachedWhenItIsThere() throws Exception {
    try (var one = TestNode.start(1)) {
      one.send(2, new TakeOver(0)); // nobody knows where it is
      int port;
      try (var gone = TestNode.start(2)) {
        port = gone.port;
      }
      one.findsAt(2, port);
      for (int i = 0; i < 10; i++) {
        var groups = TestGroups.ofMemory(random(1, 1_000));
        one.transport.send(TestNode.LOG, 2, append(i), groups);
        eventually().until(() -> groups.closed.get() == 1);
      }
      assertThat(one.transport.stats().droppedMessages()).isEqualTo(11);
      try (var two = TestNode.start(2)) {
        one.findsAt(2, two.port);
        eventually()
            .until(
                () -> {
                  one.send(2, new TakeOver(1));
                  return !two.heard.isEmpty();
                });
      }
      eventually().until(() -> one.disconnected.contains(2));
    }
  }

  @Test
  void aResetIsToldToBothSidesAndTheNextMessageConnectsAgain() throws Exception {
    // Else it might be told for another reason.
    var patient = Map.of("tidelog.replication.stall.ms", "3600000");
    try (var one = TestNode.start(1, TestNode.CLUSTER, patient);
        var two = TestNode.start(2, TestNode.CLUSTER, patient);
        var proxy = new CuttingProxy(two.port)) {
      one.findsAt(2, proxy.port());
      for (int round = 1; round <= 5; round++) {
        int heard = round;
        eventually()
            .until(
                () -> {
                  one.send(2, new TakeOver(heard));
                  return two.heardFrom(1).contains(new TakeOver(heard));
                });
        proxy.reset();
        eventually().until(() -> one.disconnected.size() == heard);
        eventually().until(() -> two.disconnected.size() == heard);
      }
      assertThat(one.disconnected).containsOnly(2);
      assertThat(two.disconnected).containsOnly(1);
    }
  }

  @Test
  void aConnectionCutInTheMiddleOfAFrameDeliversWholeFramesOnly() throws Exception {
    long seed = Long.getLong("tidelog.seed", 4_711);
    var random = new Random(seed);
    var bytes = random(7, 300_000);
    try (var one = TestNode.start(1);
        var two = TestNode.start(2);
        var proxy = new CuttingProxy(two.port)) {
      one.findsAt(2, proxy.port());
      for (int round = 1; round <= 20; round++) {
        two.heard.clear();
        proxy.cutAfter(random.nextInt(3_000_000));
        var sent = new ArrayList<TestGroups>();
        int ended = round;
        eventually()
            .until(
                () -> {
                  var groups = TestGroups.ofMemory(bytes.duplicate());
                  one.transport.send(TestNode.LOG, 2, append(sent.size()), groups);
                  sent.add(groups);
                  return one.disconnected.size() >= ended;
                });
        eventually().until(() -> two.disconnected.size() >= ended);
        eventually().untilAsserted(() -> assertAllClosedOnce(sent));
        assertThat(two.heardFrom(1))
            .as("seed %d round %d", seed, round)
            .allSatisfy(message -> assertThat(((Append) message).groups()).isEqualTo(bytes))
            .extracting(message -> ((Append) message).lsn())
            .isSorted()
            .doesNotHaveDuplicates();
      }
      assertThat(one.transport.stats().unsentBytes()).isZero();
    }
  }

  @Test
  void whatCannotWaitForAConnectionIsDropped() throws Exception {
    var settings = Map.of("tidelog.replication.connect.waiting.bytes", "1000");
    try (var one = TestNode.start(1, TestNode.CLUSTER, settings);
        var two = TestNode.start(2)) {
      TestNode.introduce(one, two);
      var large = TestGroups.ofMemory(random(1, 2_000));
      one.transport.send(TestNode.LOG, 2, append(1), large);
      one.send(2, new TakeOver(1));
      eventually().until(() -> two.heard.size() == 1);
      assertThat(two.heardFrom(1)).containsExactly(new TakeOver(1));
      assertThat(large.closed.get()).isEqualTo(1);
    }
  }

  @Test
  void aNodeOfAnotherClusterIsRefused() throws Exception {
    try (var one = TestNode.start(1);
        var foreign = TestNode.start(2, new UUID(6, 6), Map.of())) {
      TestNode.introduce(one, foreign);
      assertNeverHeard(one, foreign);
    }
  }

  @Test
  void aNodeThatMeansAnotherOneIsRefused() throws Exception {
    try (var one = TestNode.start(1);
        var two = TestNode.start(2)) {
      one.findsAt(3, two.port);
      for (int i = 0; i < 5; i++) {
        long dropped = one.transport.stats().droppedMessages();
        one.send(3, new TakeOver(1));
        eventually().until(() -> one.transport.stats().droppedMessages() > dropped);
      }
      assertThat(two.heard).isEmpty();
      assertThat(one.disconnected).isEmpty();
    }
  }

  @Test
  void groupsNobodyCanTakeAreClosed() throws Exception {
    var one = TestNode.start(1);
    var tooLarge =
        TestGroups.ofMemory(ByteBuffer.allocateDirect(ReplicaFormat.MAX_GROUPS_BYTES + 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one.transport.send(TestNode.LOG, 2, append(1), tooLarge));
    assertThat(tooLarge.closed.get()).isEqualTo(1);
    var ownNode = TestGroups.ofMemory(random(1, 10));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one.transport.send(TestNode.LOG, 1, append(1), ownNode));
    assertThat(ownNode.closed.get()).isEqualTo(1);
    one.close();
    one.close();
    var late = TestGroups.ofMemory(random(1, 10));
    one.transport.send(TestNode.LOG, 2, append(1), late);
    assertThat(late.closed.get()).isEqualTo(1);
  }

  @Test
  void aNodeThatStopsIsToldAndItsMessagesAreGivenBack() throws Exception {
    try (var two = TestNode.start(2)) {
      var sent = new ArrayList<TestGroups>();
      try (var one = TestNode.start(1)) {
        TestNode.introduce(one, two);
        for (int i = 0; i < 50; i++) {
          var groups = TestGroups.ofMemory(random(1, 100_000));
          sent.add(groups);
          one.transport.send(TestNode.LOG, 2, append(i), groups);
        }
      }
      eventually().untilAsserted(() -> assertAllClosedOnce(sent));
    }
  }

  private static void assertNeverHeard(TestNode one, TestNode other) {
    for (int i = 0; i < 5; i++) {
      long dropped = one.transport.stats().droppedMessages();
      long droppedThere = other.transport.stats().droppedMessages();
      one.send(other.id, new TakeOver(1));
      other.send(one.id, new TakeOver(1));
      eventually().until(() -> one.transport.stats().droppedMessages() > dropped);
      eventually().until(() -> other.transport.stats().droppedMessages() > droppedThere);
    }
    assertThat(one.heard).isEmpty();
    assertThat(other.heard).isEmpty();
    assertThat(one.disconnected).isEmpty();
    assertThat(one.transport.stats().incoming()).isZero();
  }

  private static void assertAllClosedOnce(List<TestGroups> groups) {
    assertThat(groups).allSatisfy(one -> assertThat(one.closed.get()).isEqualTo(1));
  }

  static Append append(long lsn) {
    return new Append(1, 1, lsn, 0, 0, 0, ByteBuffer.allocate(0));
  }

  static ByteBuffer random(long seed, int bytes) {
    var array = new byte[bytes];
    new Random(seed).nextBytes(array);
    return ByteBuffer.wrap(array);
  }

  private static ByteBuffer joined(TestGroups groups) {
    var joined = ByteBuffer.allocate(groups.sizeBytes());
    groups.parts().forEach(part -> joined.put(part.bytes().duplicate()));
    return joined.flip();
  }

  private static Path filled(Path file, int bytes) throws Exception {
    return Files.write(file, random(8, bytes).array());
  }
}
