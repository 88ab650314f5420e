package io.tidelog.hot.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The leader's log grows; what a follower says it has written is what the test says. */
class SlowFollowerTest extends ThreeReplicas {

  /** Of the leader, and of what node 0 acknowledges. */
  private long endLsn = END;

  /** Of what node 2 acknowledges. */
  private long writtenLsn = END;

  private final List<ReplicaEffect.SendRange> ranges = new ArrayList<>();

  @Override
  LocalLog log(int node) {
    return new GrowingLog();
  }

  @Override
  ReplicaMessage sent(int from, ReplicaMessage message) {
    if (!(message instanceof ReplicaMessage.Acknowledged ack)) {
      return message;
    }
    long lsn = from == 2 ? writtenLsn : endLsn;
    return new ReplicaMessage.Acknowledged(
        ack.term(), ack.stream(), ack.from(), lsn, lsn, ack.echoNs());
  }

  @Override
  void onRange(ReplicaEffect.SendRange range) {
    if (range.nodeId() == 2) {
      ranges.add(range);
    }
  }

  @Test
  void aFollowerTooManyBytesBehindLeavesLongBeforeItIsTooLate() {
    leadWithAllInSync(30);

    endLsn = END + CONFIG.lagBytes();
    for (int i = 0; i < 3 * CONFIG.heartbeatNs() / MS; i++) {
      step();
      assertThat(record.inSync()).hasSize(3);
    }
    endLsn++;
    step();
    step();

    assertThat(record.inSync()).containsExactlyInAnyOrder(replica(0), replica(1));
  }

  @Test
  void aFollowerIsSentNoMoreThanTheWindowBeforeItAcknowledges() {
    var leader = leadWithAllInSync(31);
    int window = (int) (CONFIG.windowBytes() / CONFIG.chunkBytes());

    endLsn = END + 2 * CONFIG.windowBytes();
    leader.onWritten();
    assertThat(sendAll(leader)).isEqualTo(window);
    leader.onWritten();
    assertThat(sendAll(leader)).isZero();

    writtenLsn = END + 3L * CONFIG.chunkBytes();
    while (ranges.isEmpty()) {
      step();
      assertThat(nowNs / MS).isLessThan(CONFIG.silenceNs() / MS);
    }
    assertThat(sendAll(leader)).isEqualTo(3);
  }

  /** Sends each range to its end, until there is no more; says how many there were. */
  private int sendAll(ReplicaMachine leader) {
    carryOutAll(1, leader);
    int sent = 0;
    while (!ranges.isEmpty()) {
      var range = ranges.removeFirst();
      sent++;
      leader.onSent(2, range.stream(), range.fromLsn() + range.maxBytes());
      carryOutAll(1, leader);
    }
    return sent;
  }

  private final class GrowingLog implements LocalLog {

    @Override
    public long startLsn() {
      return 0;
    }

    @Override
    public long endLsn() {
      return endLsn;
    }

    @Override
    public long syncedLsn() {
      return endLsn;
    }

    @Override
    public long commitLsn() {
      return END;
    }

    @Override
    public long lastTerm() {
      return TERM;
    }

    @Override
    public List<TermStart> history() {
      return List.of(new TermStart(TERM, 0));
    }

    @Override
    public long agreedLsn(List<TermStart> theirs, long theirEndLsn) {
      return theirEndLsn;
    }

    @Override
    public boolean mayFollow(long segmentBaseLsn) {
      return true;
    }

    @Override
    public long segmentBaseLsn(long lsn) {
      return 0;
    }
  }
}
